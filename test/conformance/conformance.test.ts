// npm run conformance: every suite whole, as a table on the terminal and in docs/conformance.md. Another suite = a row here.
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runSuite } from './onnx.ts';
import { missed, report, summarize, type SuiteResult } from './outcome.ts';
import { present } from './recorded.ts';
import { runTensorflowSuite } from './tensorflow.ts';

interface Row {
  readonly run: () => Promise<SuiteResult | undefined>;
  /** Tests met when this was last measured: fewer are a loss. */
  readonly atLeast: { readonly met: number; readonly ir: number };
}
const SUITES: readonly Row[] = [
  { run: () => runSuite('node', 'ONNX node tests', 'The node tests of ONNX 1.18: one operator each, in all its forms and element types.'), atLeast: { met: 1357, ir: 249 } },
  { run: () => runSuite('pytorch-operator', 'PyTorch operator tests', 'Small exports of PyTorch that come with ONNX 1.18.'), atLeast: { met: 31, ir: 26 } },
  { run: () => runTensorflowSuite('TensorFlow graphs', 'Frozen graphs of single operators, fed at their first constant where they have no input. TensorFlow 2.21 gives all the recorded numbers; it is not run here.'), atLeast: { met: 173, ir: 130 } },
];

it('every test is met, or refused with a reason, or not met by the format\'s own runtime either', async () => {
  if (!present) throw new Error('the recorded tests are not there: ../shared/data/onnx-node-tests is missing');
  const results: { readonly result: SuiteResult; readonly atLeast: Row['atLeast'] }[] = [];
  for (const { run, atLeast } of SUITES) {
    const result = await run();
    if (!result) throw new Error('the recorded tests are not there: a folder of ../shared/data is missing');
    results.push({ result, atLeast });
  }
  const text = report(results.map(({ result }) => result));
  writeFileSync(new URL('../../docs/conformance.md', import.meta.url), `${text.trimEnd()}\n`);
  console.log(text);
  for (const { result, atLeast } of results) {
    const { wrong, met, ir } = summarize(result);
    expect(wrong, result.title).toEqual([]);
    expect(missed(result), `${result.title}: met by the runtime's other binding`).toEqual([]);
    expect(met, `${result.title}: met`).toBeGreaterThanOrEqual(atLeast.met);
    expect(ir, `${result.title}: met by operators of the graph alone`).toBeGreaterThanOrEqual(atLeast.ir);
  }
}, 1_800_000);
