// The run form: how many samples each part of a run uses. Empty text means all of them.
import { create } from 'zustand';
import type { DataRole, DataView, Params } from '../../core/contract/index.ts';

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

/** The counts as the engine takes them. Empty means all, said as a number: left out, the engine would take fewer. */
export function samplesOf(form: RunForm, data: Readonly<Record<DataRole, DataView | null>>): Samples {
  const calibration = data.calibration?.samples ?? 1;
  const evaluation = data.evaluation?.samples ?? calibration;
  return {
    calibrationSamples: Math.max(1, count(form.calibration) ?? calibration),
    analysisSamples: Math.max(1, count(form.analysis) ?? evaluation),
    accuracySamples: count(form.accuracy) ?? evaluation,
  };
}
