// A labelled text field that hands its text on when it is left or Enter is pressed, so that typing is one change.
import { useId, useState, type ReactNode } from 'react';

interface RowProps {
  readonly label: string;
  readonly htmlFor?: string;
  readonly children: ReactNode;
}

/** Label on the left, control on the right. */
export function Row({ label, htmlFor, children }: RowProps) {
  return (
    <div className="row">
      {htmlFor === undefined ? <span className="row-label">{label}</span> : <label className="row-label" htmlFor={htmlFor}>{label}</label>}
      <div className="row-control">{children}</div>
    </div>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly error?: string | undefined;
  readonly testId?: string;
  readonly numeric?: boolean;
  readonly onCommit: (text: string) => void;
}

export function TextField({ label, value, placeholder, error, testId, numeric, onCommit }: TextFieldProps) {
  const id = useId();
  const [draft, setDraft] = useState<string | null>(null);
  const commit = (): void => {
    if (draft !== null && draft !== value) onCommit(draft);
    setDraft(null);
  };
  return (
    <Row label={label} htmlFor={id}>
      <input
        id={id} className="input" type="text" spellCheck={false} autoComplete="off" inputMode={numeric ? 'decimal' : 'text'} data-testid={testId}
        value={draft ?? value} placeholder={placeholder} aria-invalid={error !== undefined} aria-describedby={error === undefined ? undefined : `${id}-error`}
        onChange={(event) => setDraft(event.target.value)} onBlur={commit}
        onKeyDown={(event) => { if (event.key === 'Enter') commit(); if (event.key === 'Escape') setDraft(null); }}
      />
      {error !== undefined && <p className="field-error" id={`${id}-error`}>{error}</p>}
    </Row>
  );
}

interface SelectFieldProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly testId?: string;
  readonly onChange: (value: T) => void;
}

export function SelectField<T extends string>({ label, value, options, testId, onChange }: SelectFieldProps<T>) {
  const id = useId();
  return (
    <Row label={label} htmlFor={id}>
      <select
        id={id} className="input" data-testid={testId} value={value}
        onChange={(event) => { const option = options.find((o) => o.value === event.target.value); if (option) onChange(option.value); }}
      >
        {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
    </Row>
  );
}
