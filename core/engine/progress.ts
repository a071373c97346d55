// Progress of one job made of stages: turns "sample 3 of 8 of stage two" into one fraction, with the time left, at most 30 times a second.

export interface JobProgress {
  readonly stage: string;
  readonly fraction: number;
  readonly detail?: string;
  readonly secondsLeft?: number;
}

export interface ProgressStages {
  /** Reports `fraction` (0 to 1) of the stage named. */
  report(stage: string, fraction: number, detail?: string): void;
}

const INTERVAL = 33;

/** `weights`: share of the whole that each stage is expected to take; they are scaled to add up to 1. */
export function progressStages(weights: Readonly<Record<string, number>>, listener: ((progress: JobProgress) => void) | undefined): ProgressStages {
  const total = Object.values(weights).reduce((a, b) => a + b, 0);
  const starts = new Map<string, { readonly start: number; readonly share: number }>();
  let sum = 0;
  for (const [stage, weight] of Object.entries(weights)) {
    starts.set(stage, { start: sum / total, share: weight / total });
    sum += weight;
  }
  const began = Date.now();
  let last = 0;
  return {
    report: (stage, part, detail) => {
      const now = Date.now();
      if (!listener || (part < 1 && now - last < INTERVAL)) return;
      last = now;
      const { start = 0, share = 1 } = starts.get(stage) ?? {};
      const fraction = Math.min(1, start + share * part);
      const seconds = (now - began) / 1000;
      const left = fraction > 0.02 && seconds > 0.5 ? { secondsLeft: (seconds * (1 - fraction)) / fraction } : {};
      listener({ stage, fraction, ...(detail === undefined ? {} : { detail }), ...left });
    },
  };
}
