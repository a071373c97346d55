// Mutated files one after the other in this process, timed and weighed.
import { mutated } from './mutate.ts';
import { judge } from './judge.ts';
import { SEEDS } from './seeds.ts';

/** Of one file: longer or larger is a failure. */
export const LONGEST_MS = 1000;
export const LARGEST_MB = 200;
/** Files that warm the process up, before its memory is taken as the base. */
const WARMING = 64;

export interface Batch {
  readonly files: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowest: { readonly ms: number; readonly what: string };
  /** How far the process's memory rose above what it held after the first files: no file took more. */
  readonly peakMb: number;
  readonly failures: readonly string[];
}

const peak = (): number => process.resourceUsage().maxRSS / 1024;

/** `onFile` is told which file comes next, so that someone else can say where a crash or a hang was. */
export async function runBatch(seed: number, files: number, onFile: (i: number, what: string) => void = () => undefined): Promise<Batch> {
  const outcomes: Record<string, number> = {};
  const failures: string[] = [];
  let slowest = { ms: 0, what: '' };
  for (let i = 0; i < WARMING; i++) await judge(SEEDS[i % SEEDS.length]?.bytes ?? new Uint8Array(0));
  const base = peak();
  let before = base;
  for (let i = 0; i < files; i++) {
    const { name, kind, bytes } = mutated(SEEDS, seed, i);
    const what = `file ${i} of seed ${seed} (${name}, ${kind})`;
    onFile(i, what);
    const timed = async (): Promise<number> => {
      const began = performance.now();
      const code = await judge(bytes);
      const took = performance.now() - began;
      outcomes[code] = (outcomes[code] ?? 0) + 1;
      return took;
    };
    try {
      let ms = await timed();
      // A machine that others use may make one file wait: it counts where it is slow again.
      if (ms > LONGEST_MS) ms = Math.min(ms, await timed());
      if (ms > slowest.ms) slowest = { ms, what };
      if (ms > LONGEST_MS) failures.push(`${what}: ${Math.round(ms)} ms`);
    } catch (error) {
      failures.push(`${what}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
    }
    const now = peak();
    if (now - before > LARGEST_MB) failures.push(`${what}: ${Math.round(now - before)} MB`);
    before = now;
  }
  const peakMb = peak() - base;
  if (peakMb > LARGEST_MB) failures.push(`the process rose by ${Math.round(peakMb)} MB`);
  return { files, outcomes, slowest, peakMb, failures };
}
