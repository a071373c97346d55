// Calibration on threads: the same statistics as on one, errors as on one, and threads that go away.
import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { randomTensor, smallNetwork } from '../../../test/graphs/build.ts';
import { collectStatistics, observedValues } from '../../calibrate/index.ts';
import { createFloatSession, enter, floatProgram, useThreads } from '../../execute/index.ts';
import type { Statistics } from '../../ir/index.ts';
import { partition } from '../../partition/index.ts';
import { defaultQuantization } from '../../quantize/index.ts';
import { lengthHinted } from '../../tensor/samples.ts';
import type { NamedTensors } from '../../tensor/tensor.ts';
import { createCancelToken } from '../cancel.ts';
import { createNet, type CalibrationWay } from '../loaded-net.ts';
import { LogLevel } from '../log.ts';
import { createCrew, type CrewOptions } from './crew.ts';
import { threadsWithin } from './size.ts';
import { startThreads } from './threads.ts';

const graph = partition(smallNetwork());
const net = createNet(graph);
const sample = (seed: number): NamedTensors => ({ x: randomTensor([1, 8, 8, 3], seed) });
const data = Array.from({ length: 13 }, (_, i) => sample(i + 1));
/** So large that a sum of products is infinite, though each number is finite. */
const overflowing: NamedTensors = { x: { dtype: 'float32', shape: [1, 8, 8, 3], data: new Float32Array(192).fill(3e38) } };

beforeEach(() => useThreads(3));
afterEach(() => useThreads(null));
afterAll(() => net.release());

/** Everything in statistics, in a form whose comparison is quick. */
const plain = (statistics: Statistics): unknown => [...statistics.values.values()].map(({ histogram, channelMeans, ...rest }) =>
  [rest, histogram.exponent, histogram.first, Buffer.from(histogram.counts.buffer).toString('base64'), [...channelMeans]]);

describe('samples dealt out to threads', () => {
  test.each([false, true])('give the statistics of one thread to the last bit, and the same model; channel equalization: %s', async (equalization) => {
    const config = defaultQuantization.withChannelEqualization(equalization);
    const ways: CalibrationWay[] = [];
    const onCalibrated = (way: CalibrationWay): void => { ways.push(way); };
    const one = await net.calibrate(data, config, { spread: false, onCalibrated });
    const lines: string[] = [];
    const many = await net.calibrate(data, config, { spread: true, onCalibrated, logLevel: LogLevel.INFO, logger: { log: (_, line) => lines.push(line) } });
    expect(plain(many)).toEqual(plain(one));
    expect(lines).toEqual([expect.stringContaining('with 13 samples, on 3 threads')]);
    expect(ways).toEqual([{ samples: 13, threads: 1 }, { samples: 13, threads: 3, from: 0 }]);
    expect(net.quantizeWith(many, config).files('m')).toEqual(net.quantizeWith(one, config).files('m'));
  });

  test('are counted in their order', async () => {
    const done: (string | undefined)[] = [];
    await net.calibrate(lengthHinted(13, data), defaultQuantization, { spread: true, onProgress: ({ detail }) => done.push(detail) });
    expect(done).toEqual(data.map((_, i) => `${i + 1} samples`));
  });

  test('are read before the next is asked for: a generator may fill the same array again', async () => {
    const again = { x: randomTensor([1, 8, 8, 3], 0) };
    const reused = (function* () { for (const { x } of data) { (again.x.data as Float32Array).set(x?.data as Float32Array); yield again; } })();
    expect(plain(await net.calibrate(reused, defaultQuantization, { spread: true }))).toEqual(plain(await net.calibrate(data, defaultQuantization, { spread: false })));
  });

  test('a bad one is named, the first of several, and the next calibration goes well', async () => {
    const bad = [...data.slice(0, 5), overflowing, sample(1), overflowing];
    const errors = [];
    for (const spread of [false, true]) errors.push(await net.calibrate(bad, defaultQuantization, { spread }).catch((thrown: unknown) => thrown));
    expect(errors[0]).toMatchObject({ code: 'DATA_INVALID', where: { sample: 5 } });
    expect(errors[1]).toMatchObject({ code: 'DATA_INVALID', message: (errors[0] as Error).message, where: (errors[0] as { where: object }).where });
    const wrong = [...data, { x: randomTensor([1, 2, 3], 1) }];
    await expect(net.calibrate(wrong, defaultQuantization, { spread: true })).rejects.toMatchObject({ code: 'SHAPE_MISMATCH', where: { tensor: 'x', sample: 13 } });
    expect((await net.calibrate(data, defaultQuantization, { spread: true })).samples).toBe(13);
  });

  test('stop when they are cancelled, with no more than the threads hold taken from the data', async () => {
    const cancel = createCancelToken();
    let given = 0;
    const endless = (function* () { for (;;) { if (++given === 10) cancel.cancel(); yield sample(given); } })();
    await expect(net.calibrate(endless, defaultQuantization, { spread: true, cancel })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(given).toBeLessThanOrEqual(10);
  });
});

describe('a crew', () => {
  const values = observedValues(graph).map((value) => ({ ...value, shape: graph.values.get(value.name)?.shape ?? [] }));
  const names = values.map(({ name }) => name);
  const program = floatProgram(graph, names);
  const started: ReturnType<typeof startThreads>[] = [];
  const start = (of = program) => { const threads = startThreads(of, 2, 2); started.push(threads); return threads; };
  const crewWith = async (options: Partial<CrewOptions>): ReturnType<typeof createCrew> => {
    const session = await createFloatSession(graph, names);
    return createCrew({
      values, total: 1e9, factors: undefined, running: undefined, start: () => start(), onRefused: (thrown) => { throw thrown; },
      enter: (given) => enter(graph.inputs, given), run: (inputs, into) => session.run(inputs, into), ...options,
    });
  };
  /** Samples of which the seventh waits until something has come about. */
  async function* waiting(until: () => boolean): AsyncGenerator<NamedTensors> {
    for (const [i, each] of data.entries()) {
      while (i === 6 && !until()) await new Promise((resolve) => { setTimeout(resolve, 5); });
      yield each;
    }
  }

  test('that begins with one thread and goes on with several gives the same statistics', async () => {
    const crew = await crewWith({});
    const statistics = await collectStatistics(values, waiting(() => crew.spread !== undefined), { crew, channelEqualization: false });
    expect(crew.spread).toEqual({ threads: 2, from: 6 });
    expect(plain(statistics)).toEqual(plain(await net.calibrate(data, defaultQuantization, { spread: false })));
    await crew.close(true);
    await started.at(-1)?.end();
  });

  test('starts no threads for little work, nor where it is told not to', async () => {
    for (const options of [{ total: data.length }, { spread: false }]) {
      const crew = await crewWith({ ...options, start: () => { throw new Error('threads were started'); } });
      await collectStatistics(values, data, { crew, channelEqualization: false });
      expect(crew.spread).toBeUndefined();
      await crew.close(true);
    }
  });

  test('goes on with one thread where the others cannot open the model, and says so', async () => {
    const broken = { ...program, files: program.files.map((file) => ({ ...file, bytes: Uint8Array.of(8, 8, 255) })) };
    const refused: unknown[] = [];
    const crew = await crewWith({ start: () => start(broken), onRefused: (thrown) => refused.push(thrown) });
    const statistics = await collectStatistics(values, waiting(() => refused.length > 0), { crew, channelEqualization: false });
    expect(refused).toEqual([expect.objectContaining({ code: 'RUNTIME_FAILED' })]);
    expect(statistics.samples).toBe(data.length);
    await crew.close(true);
    await expect(crewWith({ spread: true, start: () => start(broken) })).rejects.toMatchObject({ code: 'RUNTIME_FAILED' });
  });
});

test('threads fit the memory: never more than are wanted, never fewer than one', () => {
  const MiB = 2 ** 20;
  expect(threadsWithin(100 * MiB, 8, 32 * 1024 * MiB)).toBe(8);
  expect(threadsWithin(100 * MiB, 64, 2 * 1024 * MiB)).toBe(5);
  expect(threadsWithin(9000 * MiB, 64, 1024 * 1024 * MiB)).toBe(1);
});

describe('a process', () => {
  /** What a program prints that calibrates the built-in sample so, twice the same sample or as often as it says, without releasing anything. */
  const printed = (data: string, options: string): string => {
    const script = `
      const { lengthHinted, loadModel, useThreads } = await import(process.argv[1]);
      useThreads(2);
      const net = await loadModel(process.argv[2]);
      const { name, shape } = net.graph.inputs[0];
      const x = { dtype: 'float32', shape, data: new Float32Array(shape.reduce((n, d) => n * d, 1)).fill(0.5) };
      const samples = (count) => Array.from({ length: count }, () => ({ [name]: x }));
      console.log((await net.calibrate(${data}, undefined, ${options})).samples);`;
    const paths = ['../../../dist/core/index.js', '../../../assets/sample/shapes.onnx'].map((path) => new URL(path, import.meta.url));
    return execFileSync(process.execPath, ['--input-type=module', '-e', script, paths[0]?.href ?? '', paths[1]?.pathname ?? ''], { encoding: 'utf8', timeout: 50_000 });
  };
  test('whose threads are still there ends by itself', () => expect(printed('samples(2)', '{ spread: true }')).toBe('2\n'));
  // The hint promises so much work that threads are started; the data ends before they are ready.
  test('whose threads were not needed in the end neither waits for them nor ends too early', () => expect(printed('lengthHinted(1e9, samples(5))', '{}')).toBe('5\n'));
});
