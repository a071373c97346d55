// The run form: how many samples each part of a run uses. Empty text means all of them.
import { create } from 'zustand';
import type { Params } from '../../core/contract/index.ts';

export interface RunForm {
  readonly calibration: string;
  readonly analysis: string;
  readonly accuracy: string;
}

export const useRunForm = create<RunForm>(() => ({ calibration: '', analysis: '16', accuracy: '200' }));

type Samples = Omit<Params<'run.start'>, 'recipe'>;

const count = (text: string): number | undefined => (/^\d+$/.test(text.trim()) ? Number(text) : undefined);

/** Is this text a sample count, or empty for all? */
export const isCount = (text: string, least: number): boolean => text.trim() === '' || (count(text) ?? -1) >= least;

/** The counts as the engine takes them. What is not a count is left out: the field shows its own error. */
export function samplesOf(form: RunForm): Samples {
  const calibrationSamples = count(form.calibration), analysisSamples = count(form.analysis), accuracySamples = count(form.accuracy);
  return {
    ...(calibrationSamples !== undefined && calibrationSamples > 0 && { calibrationSamples }),
    ...(analysisSamples !== undefined && analysisSamples > 0 && { analysisSamples }),
    ...(accuracySamples !== undefined && { accuracySamples }),
  };
}
