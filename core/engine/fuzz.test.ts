// Mutated TFLite files: 200 of those that `npm run fuzz` tries by the thousand. Each is refused with a clear error or works, soon and in little memory.
import { describe, expect, it } from 'vitest';
import { runBatch } from '../../test/fuzz/batch.ts';
import { judge } from '../../test/fuzz/judge.ts';
import { MUTATIONS, mutated } from '../../test/fuzz/mutate.ts';
import { SEEDS } from '../../test/fuzz/seeds.ts';

describe('mutated TFLite files', () => {
  it('are refused clearly or work', async () => {
    const { outcomes, failures } = await runBatch(2, 200);
    expect(failures).toEqual([]);
    expect(outcomes['FORMAT_CORRUPT']).toBeGreaterThan(10);
    expect(outcomes['works']).toBeGreaterThan(10);
  }, 120_000);

  it('start from files that open; each kind of mutation is among the first 200, and the same number makes the same file', async () => {
    for (const { name, bytes } of SEEDS) expect([name, await judge(bytes)]).toEqual([name, expect.stringMatching(/^(works|OPERATOR_UNSUPPORTED)$/)]);
    const kinds = Array.from({ length: 200 }, (_, i) => mutated(SEEDS, 2, i).kind);
    expect(new Set(kinds)).toEqual(new Set(Object.keys(MUTATIONS)));
    expect(mutated(SEEDS, 2, 7)).toEqual(mutated(SEEDS, 2, 7));
  }, 60_000);
});
