// Asks for what a model's file leaves open: a field for each unknown dimension. The same as --input-shape on the command line.
import { useId, useState, type SubmitEvent } from 'react';
import { openModel } from '../../calls/open-model.ts';
import { Dialog } from '../../controls/dialog.tsx';
import { Row } from '../../controls/field.tsx';
import { useStudio } from '../../controls/studio-context.ts';
import { shapesFrom, useShapeQuestion, type ShapeField, type ShapeQuestion } from '../../stores/input-shapes.ts';

interface FieldProps {
  readonly field: ShapeField;
  readonly value: string;
  readonly error: string | undefined;
  readonly first: boolean;
  readonly onChange: (text: string) => void;
}

function Field({ field, value, error, first, onChange }: FieldProps) {
  const id = useId();
  return (
    <Row label={field.label} htmlFor={id}>
      <input
        id={id} className="input" type="text" inputMode={field.whole ? 'text' : 'numeric'} autoComplete="off" spellCheck={false} autoFocus={first} data-testid={`shape-${field.key}`}
        value={value} aria-invalid={error !== undefined} aria-describedby={`${id}-note`} onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-note`} className={error === undefined ? 'field-note' : 'field-error'}>{error ?? field.note}</p>
    </Row>
  );
}

function ShapesForm({ asking: { file, inputs, fields, given, refusal } }: { readonly asking: NonNullable<ShapeQuestion['asking']> }) {
  const studio = useStudio();
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() => Object.fromEntries(fields.map(({ key, value }) => [key, value])));
  const [tried, setTried] = useState(false);
  const read = shapesFrom(inputs, values, given), errors = tried && 'errors' in read ? read.errors : {};
  const close = (): void => useShapeQuestion.setState({ asking: null });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    if ('shapes' in read) void openModel(studio, file, read.shapes);
  };
  return (
    <Dialog
      title={`Input shapes of ${file.name}`} open onClose={close} testId="shapes-dialog"
      actions={<><span className="spacer" /><button type="button" className="button" onClick={close}>Cancel</button><button type="submit" form="shapes-form" className="button primary" data-testid="open-with-shapes">Open the model</button></>}
    >
      <form id="shapes-form" className="fields" onSubmit={submit}>
        <p>The file leaves these sizes open. The network is opened for the sizes given here, and its data must have them.</p>
        {fields.map((field, i) => (
          <Field key={field.key} field={field} first={i === 0} value={values[field.key] ?? ''} error={errors[field.key]} onChange={(text) => setValues({ ...values, [field.key]: text })} />
        ))}
        {refusal !== null && <p className="field-error" role="alert" data-testid="shapes-refusal">{refusal}</p>}
      </form>
    </Dialog>
  );
}

export function ShapesDialog() {
  const asking = useShapeQuestion((s) => s.asking);
  // Other fields are another form.
  return asking && <ShapesForm key={asking.fields.map(({ key }) => key).join('\n')} asking={asking} />;
}
