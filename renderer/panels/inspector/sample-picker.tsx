// Which evaluation sample is looked at: what the model saw, its label, and how to go to another one.
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { NodeOutput } from '../../../core/contract/index.ts';
import { Pixels } from '../../charts/pixels.tsx';
import { IconButton } from '../../controls/icon-button.tsx';
import { lookAtSample } from '../../stores/look.ts';

interface SamplePickerProps {
  readonly sample: number;
  readonly count: number;
  readonly output: NodeOutput;
}

export function SamplePicker({ sample, count, output }: SamplePickerProps) {
  return (
    <div className="sample-picker">
      {output.input && <Pixels {...output.input} label={`Sample ${output.sample} as the model sees it`} />}
      <p><b data-testid="looked-sample">Sample {output.sample}</b> of {count}{output.label !== null && <span className="muted">, labelled class {output.label}</span>}</p>
      <span className="spacer" />
      <IconButton icon={ChevronLeft} label="The sample before" testId="sample-before" why={sample > 0 ? null : 'this is the first one'} onClick={() => lookAtSample(sample - 1)} />
      <IconButton icon={ChevronRight} label="The next sample" testId="sample-next" why={sample < count - 1 ? null : 'this is the last one'} onClick={() => lookAtSample(sample + 1)} />
    </div>
  );
}
