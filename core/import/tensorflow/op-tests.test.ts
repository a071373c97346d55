// The recorded TensorFlow graphs (test/conformance): how many are met may only grow, and a wrong number is never acceptable.
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tensorflowConformance, TENSORFLOW_TESTS } from '../../../test/conformance/tensorflow.ts';

/** Of 175; a lower number means that an operator or a form of one was lost. */
const AT_LEAST = { met: 169, ir: 123 };

it.skipIf(!existsSync(TENSORFLOW_TESTS))('each of the 175 is met to 1e-4 or refused by name (skipped where ../shared/data is missing)', async () => {
  const results = (await tensorflowConformance()) ?? [];
  const of = (kind: string): readonly string[] => results.filter(({ outcome }) => outcome.kind === kind).map(({ test }) => test);
  expect(results).toHaveLength(175);
  expect(results.filter(({ outcome }) => outcome.kind === 'wrong')).toEqual([]);
  expect(of('ir').length + of('opaque').length).toBeGreaterThanOrEqual(AT_LEAST.met);
  expect(of('ir').length).toBeGreaterThanOrEqual(AT_LEAST.ir);
}, 120_000);
