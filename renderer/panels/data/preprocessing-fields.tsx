// The fields of a role's preprocessing. Changing one loads the same files again with it.
import type { DataRole } from '../../../core/contract/index.ts';
import { preprocess } from '../../calls/open-data.ts';
import { SelectField, TextField } from '../../controls/field.tsx';
import { useStudio } from '../../controls/studio-context.ts';
import { loadsImages, parseForm, useDataForms, type DataForm, type FieldErrors } from '../../stores/data-form.ts';
import { useSession } from '../../stores/session.ts';

const LAYOUTS: readonly { readonly value: DataForm['layout']; readonly label: string }[] = [
  { value: '', label: 'From the shapes' }, { value: 'nhwc', label: 'NHWC' }, { value: 'nchw', label: 'NCHW' },
];
const RESIZES: readonly { readonly value: DataForm['resize']; readonly label: string }[] = [
  { value: 'stretch', label: 'Stretch' }, { value: 'crop', label: 'Crop the centre' }, { value: 'fit', label: 'Fit and pad' },
];
const CHANNEL_ORDERS: readonly { readonly value: DataForm['channelOrder']; readonly label: string }[] = [{ value: 'rgb', label: 'RGB' }, { value: 'bgr', label: 'BGR' }];

interface ImageFieldsProps {
  readonly role: DataRole;
  readonly form: DataForm;
  readonly errors: FieldErrors;
  readonly change: (part: Partial<DataForm>) => void;
}

/** What is said of images alone; arrays are taken as they are. */
function ImageFields({ role, form, errors, change }: ImageFieldsProps) {
  return (
    <>
      <SelectField label="Resize images" value={form.resize} options={RESIZES} testId={`resize-${role}`} onChange={(resize) => change({ resize })} />
      {form.resize === 'crop' && <TextField label="Keep %" numeric value={form.keep} error={errors.keep} testId={`keep-${role}`} onCommit={(keep) => change({ keep })} />}
      {form.resize === 'fit' && <TextField label="Pad, 0 … 255" numeric placeholder="0: black; 114: YOLO's grey" value={form.pad} error={errors.pad} testId={`pad-${role}`} onCommit={(pad) => change({ pad })} />}
      <SelectField label="Image channels" value={form.channelOrder} options={CHANNEL_ORDERS} testId={`channel-order-${role}`} onChange={(channelOrder) => change({ channelOrder })} />
    </>
  );
}

export function PreprocessingFields({ role }: { readonly role: DataRole }) {
  const studio = useStudio();
  const form = useDataForms((s) => s[role]);
  const loaded = useSession((s) => s.data[role] !== null);
  const parsed = parseForm(form);
  const errors = 'errors' in parsed ? parsed.errors : {};
  const change = (part: Partial<DataForm>): void => { void preprocess(studio, role, part); };
  return (
    <div className="fields">
      <TextField label="Scale" numeric value={form.scale} error={errors.scale} testId={`scale-${role}`} onCommit={(scale) => change({ scale })} />
      <TextField label="Mean" numeric value={form.mean} error={errors.mean} testId={`mean-${role}`} onCommit={(mean) => change({ mean })} />
      <TextField label="Std" numeric value={form.std} error={errors.std} testId={`std-${role}`} onCommit={(std) => change({ std })} />
      <SelectField label="Layout" value={form.layout} options={LAYOUTS} testId={`layout-${role}`} onChange={(layout) => change({ layout })} />
      <TextField label="Dequantize" placeholder="scale, zero point" value={form.dequantize} error={errors.dequantize} testId={`dequantize-${role}`} onCommit={(dequantize) => change({ dequantize })} />
      {loadsImages(form) && <ImageFields role={role} form={form} errors={errors} change={change} />}
      <TextField label="Array" placeholder="x" value={form.key} testId={`key-${role}`} onCommit={(key) => change({ key })} />
      <TextField label="Labels array" placeholder="y" value={form.labelsKey} testId={`labels-key-${role}`} onCommit={(labelsKey) => change({ labelsKey })} />
      <p className="field-note">
        {loaded && form.files.length === 0 ? 'This data came with the sample; load a file to preprocess it differently.' : 'The model sees (x × scale − mean) ÷ std. Mean and std: one number, or one a channel.'}
      </p>
      {loadsImages(form) && <p className="field-note">Images without a file of labels: where they lie in folders, one a class, these label them, numbered from 0 in the order of their names; folders called by numbers have those.</p>}
    </div>
  );
}
