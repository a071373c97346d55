// The fields of a role's preprocessing. Changing one loads the same files again with it.
import { endsAs, RAW_TYPES, type DataRole } from '../../../core/contract/index.ts';
import { preprocess } from '../../calls/open-data.ts';
import { SelectField, TextField } from '../../controls/field.tsx';
import { useStudio } from '../../controls/studio-context.ts';
import { loadsImages, loadsRaw, parseForm, useDataForms, type DataForm, type FieldErrors } from '../../stores/data-form.ts';
import { useSession } from '../../stores/session.ts';
import { shapeText } from '../../graph/derive.ts';

const LAYOUTS: readonly { readonly value: DataForm['layout']; readonly label: string }[] = [
  { value: '', label: 'From the shapes' }, { value: 'nhwc', label: 'NHWC' }, { value: 'nchw', label: 'NCHW' },
];
const RESIZES: readonly { readonly value: DataForm['resize']; readonly label: string }[] = [
  { value: 'stretch', label: 'Stretch' }, { value: 'crop', label: 'Crop the centre' }, { value: 'fit', label: 'Fit and pad' },
];
const CHANNEL_ORDERS: readonly { readonly value: DataForm['channelOrder']; readonly label: string }[] = [{ value: 'rgb', label: 'RGB' }, { value: 'bgr', label: 'BGR' }];

const TYPES: readonly { readonly value: DataForm['rawType']; readonly label: string }[] = [{ value: '', label: "The model's input" }, ...RAW_TYPES.map((value) => ({ value, label: value }))];

interface KindFieldsProps {
  readonly role: DataRole;
  readonly form: DataForm;
  readonly errors: FieldErrors;
  readonly change: (part: Partial<DataForm>) => void;
}

/** What is said of images alone; arrays are taken as they are. */
function ImageFields({ role, form, errors, change }: KindFieldsProps) {
  return (
    <>
      <SelectField label="Resize images" value={form.resize} options={RESIZES} testId={`resize-${role}`} onChange={(resize) => change({ resize })} />
      {form.resize === 'crop' && <TextField label="Keep %" numeric value={form.keep} error={errors.keep} testId={`keep-${role}`} onCommit={(keep) => change({ keep })} />}
      {form.resize === 'fit' && <TextField label="Pad, 0 … 255" numeric placeholder="0: black; 114: YOLO's grey" value={form.pad} error={errors.pad} testId={`pad-${role}`} onCommit={(pad) => change({ pad })} />}
      <SelectField label="Image channels" value={form.channelOrder} options={CHANNEL_ORDERS} testId={`channel-order-${role}`} onChange={(channelOrder) => change({ channelOrder })} />
    </>
  );
}

/** What no header says: of raw files alone. */
function RawFields({ role, form, errors, change }: KindFieldsProps) {
  const port = useSession((s) => s.model?.inputs[0]);
  return (
    <>
      <SelectField label="Raw numbers" value={form.rawType} options={TYPES} testId={`raw-type-${role}`} onChange={(rawType) => change({ rawType })} />
      <TextField label="Raw shape" value={form.rawShape} placeholder={port ? shapeText(port.shape) : ''} error={errors.rawShape} testId={`raw-shape-${role}`} onCommit={(rawShape) => change({ rawShape })} />
    </>
  );
}

export function PreprocessingFields({ role }: { readonly role: DataRole }) {
  const studio = useStudio();
  const form = useDataForms((s) => s[role]);
  const loaded = useSession((s) => s.data[role] !== null);
  const parsed = parseForm(form);
  const errors = 'errors' in parsed ? parsed.errors : {};
  // It has to be said before a raw file can be loaded, so beside other arrays, too.
  const mayBeRaw = form.files.every(({ name }) => !endsAs(name, 'images'));
  const change = (part: Partial<DataForm>): void => { void preprocess(studio, role, part); };
  return (
    <div className="fields">
      <TextField label="Scale" numeric value={form.scale} error={errors.scale} testId={`scale-${role}`} onCommit={(scale) => change({ scale })} />
      <TextField label="Mean" numeric value={form.mean} error={errors.mean} testId={`mean-${role}`} onCommit={(mean) => change({ mean })} />
      <TextField label="Std" numeric value={form.std} error={errors.std} testId={`std-${role}`} onCommit={(std) => change({ std })} />
      <SelectField label="Layout" value={form.layout} options={LAYOUTS} testId={`layout-${role}`} onChange={(layout) => change({ layout })} />
      <TextField label="Dequantize" placeholder="scale, zero point" value={form.dequantize} error={errors.dequantize} testId={`dequantize-${role}`} onCommit={(dequantize) => change({ dequantize })} />
      {loadsImages(form) && <ImageFields role={role} form={form} errors={errors} change={change} />}
      {!loadsRaw(form) && (
        <>
          <TextField label="Array" placeholder="x" value={form.key} testId={`key-${role}`} onCommit={(key) => change({ key })} />
          <TextField label="Labels array" placeholder="y" value={form.labelsKey} testId={`labels-key-${role}`} onCommit={(labelsKey) => change({ labelsKey })} />
        </>
      )}
      {mayBeRaw && <RawFields role={role} form={form} errors={errors} change={change} />}
      <p className="field-note">
        {loaded && form.files.length === 0 ? 'This data came with the sample; load a file to preprocess it differently.' : 'The model sees (x × scale − mean) ÷ std. Mean and std: one number, or one a channel.'}
      </p>
      {mayBeRaw && <p className="field-note">A raw file holds bare numbers, little-endian, one sample after the other. Shape: of one sample, as it lies in the file; empty: as the model's input.</p>}
      {loadsImages(form) && <p className="field-note">Images without a file of labels: where they lie in folders, one a class, these label them, numbered from 0 in the order of their names; folders called by numbers have those.</p>}
    </div>
  );
}
