// The recorded TensorFlow graphs (test/conformance): how many are met may only grow, and a wrong number is never acceptable.
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { summarize } from '../../../test/conformance/outcome.ts';
import { runTensorflowSuite, TENSORFLOW_TESTS } from '../../../test/conformance/tensorflow.ts';

/** Of 175; a lower number means that an operator or a form of one was lost. */
const AT_LEAST = { met: 169, ir: 130 };

it.skipIf(!existsSync(TENSORFLOW_TESTS))('each of the 175 is met to 1e-4 or refused by name (skipped where ../shared/data is missing)', async () => {
  const result = await runTensorflowSuite('TensorFlow graphs', '');
  if (!result) throw new Error('nothing was read');
  const { tests, wrong, met, ir } = summarize(result);
  expect(tests).toBe(175);
  expect(wrong).toEqual([]);
  expect(met).toBeGreaterThanOrEqual(AT_LEAST.met);
  expect(ir).toBeGreaterThanOrEqual(AT_LEAST.ir);
}, 120_000);
