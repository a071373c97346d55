// A choice of one among a few, side by side.
import { ToggleGroup } from 'radix-ui';

export interface SegmentOption<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly testId?: string;
}
interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly SegmentOption<T>[];
  readonly onChange: (value: T) => void;
}

export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  return (
    <ToggleGroup.Root
      type="single" className="segmented" aria-label={label} value={value}
      // Radix gives '' when the pressed one is pressed again: one choice always stays.
      onValueChange={(next) => { const option = options.find((o) => o.value === next); if (option) onChange(option.value); }}
    >
      {options.map((option) => (
        <ToggleGroup.Item key={option.value} value={option.value} className="segment" data-testid={option.testId}>{option.label}</ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
