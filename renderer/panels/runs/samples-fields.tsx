// How many samples a run uses.
import { memo } from 'react';
import { TextField } from '../../controls/field.tsx';
import { isCount, useRunForm, type RunForm } from '../../stores/run-form.ts';
import { useSession } from '../../stores/session.ts';

const FIELDS: readonly { readonly key: keyof RunForm; readonly label: string; readonly least: number; readonly role: 'calibration' | 'evaluation' }[] = [
  { key: 'calibration', label: 'Calibrate', least: 1, role: 'calibration' },
  { key: 'analysis', label: 'Errors', least: 1, role: 'evaluation' },
  { key: 'accuracy', label: 'Accuracy', least: 0, role: 'evaluation' },
];

export const SamplesFields = memo(function SamplesFields() {
  const form = useRunForm();
  const data = useSession((s) => s.data);
  return (
    <div className="fields samples" role="group" aria-label="Samples to use">
      {FIELDS.map(({ key, label, least, role }) => (
        <TextField
          key={key} label={label} numeric value={form[key]} placeholder={data[role] ? `all ${data[role].samples.toLocaleString('en')}` : 'all'} testId={`samples-${key}`}
          error={isCount(form[key], least) ? undefined : `A whole number of samples, or empty for all`}
          onCommit={(text) => useRunForm.setState({ [key]: text })}
        />
      ))}
    </div>
  );
});
