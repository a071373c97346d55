// ONNX's own node tests, for the operators of the table, as recorded and with constant weights (all of them: npm run conformance).
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runCase } from '../../../test/conformance/onnx.ts';
import { namesOf, NODE_TESTS, present } from '../../../test/conformance/recorded.ts';
import { ONNX_OPERATORS } from './table.ts';

/** Tests that are met; a lower number means that an operator or a form of one was lost. */
const AT_LEAST = { met: 990, ir: 523 };

/**
 * align_corners where the scales leave a fraction of a pixel: the recorded numbers take the size with its fraction, ONNX Runtime and the
 * frameworks that export this the whole one. So do we.
 */
const OTHERWISE: readonly string[] = ['test_resize_downsample_scales_cubic_align_corners', 'test_resize_downsample_scales_linear_align_corners'];
/** ONNX Runtime writes a float32 as text with eight digits, the recorded numbers have as many as tell it apart. */
const AS_TEXT: readonly string[] = ['test_cast_FLOAT_to_STRING', 'test_castlike_FLOAT_to_STRING_expanded'];
/** Beyond int4 and uint4 ONNX Runtime keeps the lowest four bits, where the recorded numbers saturate; the specification leaves it open. */
const BEYOND_FOUR_BITS: readonly string[] = ['test_cast_FLOAT16_to_INT4', 'test_cast_FLOAT16_to_UINT4', 'test_cast_FLOAT_to_INT4', 'test_cast_FLOAT_to_UINT4'];
/** Dropout that is told to train while it runs: the recorded noise is that of another generator, and ONNX Runtime does not draw it either. */
const NOISE: readonly string[] = ['test_training_dropout', 'test_training_dropout_default', 'test_training_dropout_default_mask', 'test_training_dropout_mask'];

it.skipIf(!present)('every test is met or refused (skipped where ../shared/data is missing)', async () => {
  const byOperator = JSON.parse(readFileSync(new URL('by_op.json', NODE_TESTS), 'utf8')) as Record<string, readonly string[]>;
  const folders = new Set(namesOf('node'));
  const names = new Set(Object.keys(ONNX_OPERATORS).flatMap((op) => byOperator[op] ?? []).filter((name) => folders.has(name)));
  const wrong = new Set<string>();
  const met = { ir: 0, opaque: 0 };
  for (const name of names) {
    for (const form of ['recorded', 'with weights'] as const) {
      const outcome = await runCase('node', name, form);
      if (outcome.kind === 'wrong') wrong.add(name);
      if (outcome.kind === 'ir' || outcome.kind === 'opaque') met[outcome.kind]++;
    }
  }
  expect([...wrong].sort()).toEqual([...AS_TEXT, ...OTHERWISE, ...NOISE, ...BEYOND_FOUR_BITS].sort());
  expect(met.ir).toBeGreaterThanOrEqual(AT_LEAST.ir);
  expect(met.ir + met.opaque).toBeGreaterThanOrEqual(AT_LEAST.met);
}, 120_000);

/** Recorded from memory that nobody had filled: float64 numbers that float32 cannot hold. */
const BEYOND: readonly string[] = ['test_operator_add_broadcast', 'test_operator_add_size1_right_broadcast', 'test_operator_add_size1_singleton_broadcast', 'test_operator_addconstant'];

it.skipIf(!present)('PyTorch\'s exports of opset 6 are met, but for numbers beyond float32 (skipped where ../shared/data is missing)', async () => {
  const unmet = new Map<string, unknown>();
  for (const name of namesOf('pytorch-operator')) {
    const outcome = await runCase('pytorch-operator', name);
    if (outcome.kind !== 'ir' && outcome.kind !== 'opaque') unmet.set(name, outcome.reason);
  }
  expect(unmet).toEqual(new Map(BEYOND.map((name) => [name, 'the recorded numbers are beyond float32'])));
});

it.skipIf(!present)('an empty list of axes may be fed (skipped where ../shared/data is missing)', async () => {
  expect(await runCase('node', 'test_reduce_l1_default_axes_keepdims_example')).toEqual({ kind: 'opaque' });
});

it.skipIf(!present)('sequences, optional values and float8 at the doors are met as recorded (skipped where ../shared/data is missing)', async () => {
  const names = namesOf('node').filter((name) => /sequence|optional|_opt|_seq|FLOAT8.*_to_FLOAT$|(de)?quantizelinear_e[45]m/.test(name));
  const unmet: string[] = [];
  for (const name of names) if ((await runCase('node', name)).kind !== 'opaque') unmet.push(name);
  expect(names.length).toBeGreaterThan(40);
  expect(unmet).toEqual([]);
}, 120_000);
