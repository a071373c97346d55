// The studio's conversation with the engine: start, data, runs, cancelling, and what happens when the engine is lost.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_RECIPE, NO_PREPROCESSING, type DataView } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { fakeEngine } from '../../test/studio/fake-engine.ts';
import { CONV, MODEL, runView } from '../../test/studio/sample-views.ts';
import { EMPTY_FORM, changeForm, useDataForms } from '../stores/data-form.ts';
import { useShapeQuestion } from '../stores/input-shapes.ts';
import { useMessages } from '../stores/messages.ts';
import { setPrecision, useRecipe } from '../stores/recipe.ts';
import { EMPTY_SESSION, shownRun, useSession } from '../stores/session.ts';
import { startStudio } from './connect.ts';
import { chooseData } from './open-data.ts';
import { openModel } from './open-model.ts';
import { applyProject } from './open-project.ts';
import { contentNow } from './project-content.ts';
import { runFileName, saveRun } from './save-run.ts';
import { startRun } from './start-run.ts';

const DATA: DataView = { role: 'calibration', name: 'chosen.npz', samples: 50, shape: [1, 8, 8, 3], labelled: true, min: 0, max: 1, preview: [], preprocessing: NO_PREPROCESSING };
const session = useSession.getState;
/** A busy machine is given time; what never comes fails all the same. */
const until = (test: () => boolean) => vi.waitFor(() => { expect(test()).toBe(true); }, 10_000);
const opened = () => until(() => session().model !== null && session().jobs.length === 0);

afterEach(() => {
  useSession.setState(EMPTY_SESSION, true);
  useMessages.setState({ open: [], log: [] });
  useDataForms.setState({ calibration: EMPTY_FORM, evaluation: EMPTY_FORM });
  useRecipe.setState({ recipe: DEFAULT_RECIPE });
});

describe('start', () => {
  it('greets the engine and opens what it was started with', async () => {
    const engine = fakeEngine('sample');
    startStudio(engine.door);
    await opened();
    expect(session()).toMatchObject({ connection: 'ready', version: '1.2.3', origin: 'sample' });
    expect(engine.calls.map((call) => call.method)).toEqual(['engine.hello', 'model.openSample', 'data.state']);
  });
  it('waits with an empty page when there is nothing to open', async () => {
    startStudio(fakeEngine(null).door);
    await until(() => session().connection === 'ready');
    expect(session().model).toBeNull();
  });
});

describe('opening a bad model', () => {
  it('says so and keeps the one that is open', async () => {
    const engine = fakeEngine('sample');
    const studio = startStudio(engine.door);
    await opened();
    engine.answer('model.open', () => { throw new RequantError('FORMAT_CORRUPT', 'the file ends in the middle of a tensor', { file: 'bad.onnx' }); });
    expect(await openModel(studio, { id: 'x', name: 'bad.onnx' })).toBeNull();
    expect(session()).toMatchObject({ model: MODEL, origin: 'sample', jobs: [] });
    expect(useMessages.getState().open).toMatchObject([{ code: 'FORMAT_CORRUPT', where: 'bad.onnx' }]);
  });
});

describe('a model that leaves shapes open', () => {
  const FILE = { id: 'x', name: 'open.onnx' };
  /** Takes what it is given once `x` is 1 x 7. */
  const asking = async () => {
    const engine = fakeEngine('sample'), studio = startStudio(engine.door);
    await opened();
    engine.answer('model.inputs', () => ({ inputs: [{ name: 'x', dimensions: ['batch', 'length'], sequence: false }] }));
    engine.answer('model.open', ({ inputShapes }) => {
      if (!inputShapes) throw new RequantError('SHAPE_UNKNOWN', 'dimension 1 (length) of this input is open', { file: 'open.onnx', tensor: 'x' });
      if (inputShapes['x']?.[1] !== 7) throw new RequantError('MODEL_INVALID', 'Reshape needs 7', { file: 'open.onnx' });
      return MODEL;
    });
    expect(await openModel(studio, FILE)).toBeNull();
    return { engine, studio };
  };
  const question = () => useShapeQuestion.getState().asking;
  afterEach(() => useShapeQuestion.setState({ asking: null }));

  it('is asked about, and no error is shown', async () => {
    await asking();
    expect(question()).toMatchObject({ file: FILE, fields: [{ label: 'batch', value: '1' }, { label: 'length', value: '128' }], refusal: null });
    expect(useMessages.getState().open).toEqual([]);
    expect(session()).toMatchObject({ origin: 'sample', jobs: [] });
  });
  it('says beside the fields what does not fit, and opens with what does; a project has it, and the engine that follows a lost one too', async () => {
    const { engine, studio } = await asking();
    await openModel(studio, FILE, { x: [1, 128] });
    expect(question()?.refusal).toContain('Reshape needs 7');
    expect(useMessages.getState().open).toEqual([]);
    expect(await openModel(studio, FILE, { x: [1, 7] })).toEqual(MODEL);
    expect(question()).toBeNull();
    expect(contentNow()).toMatchObject({ model: FILE, inputShapes: { x: [1, 7] } });
    engine.calls.length = 0;
    engine.loseWorker();
    await until(() => engine.calls.length === 2 && session().jobs.length === 0);
    expect(engine.calls[0]).toEqual({ method: 'model.open', params: { file: FILE, inputShapes: { x: [1, 7] } } });
  });
  it('of a format that takes no shapes is an error like any other', async () => {
    const { engine, studio } = await asking();
    useShapeQuestion.setState({ asking: null });
    engine.answer('model.inputs', () => ({ inputs: [] }));
    expect(await openModel(studio, FILE)).toBeNull();
    expect(question()).toBeNull();
    expect(useMessages.getState().open).toMatchObject([{ code: 'SHAPE_UNKNOWN' }]);
  });
  it('comes out of a project with the shapes that it was saved with', async () => {
    const { engine, studio } = await asking();
    await openModel(studio, FILE, { x: [1, 7] });
    const content = contentNow();
    if (!content) throw new Error('no model is open');
    engine.calls.length = 0;
    const found = { content: { ...content, runs: [] }, savedAt: 0, again: true, model: { name: FILE.name, state: 'same' as const }, data: { calibration: [], evaluation: [] } };
    await applyProject(studio, { kind: 'file', file: { id: 'p', name: 'p.requant' } }, found, true);
    expect(engine.calls[0]).toEqual({ method: 'model.open', params: { file: FILE, inputShapes: { x: [1, 7] } } });
    expect(session().inputShapes).toEqual({ x: [1, 7] });
  });
});

describe('data', () => {
  it('goes to the engine with the preprocessing as typed', async () => {
    const engine = fakeEngine('sample');
    const studio = startStudio(engine.door);
    await opened();
    engine.answer('data.open', ({ preprocessing }) => ({ ...DATA, preprocessing }));
    changeForm('calibration', { scale: '1/255', key: 'images' });
    await chooseData(studio, 'calibration', 'data');
    expect(engine.calls.at(-1)).toEqual({ method: 'data.open', params: {
      role: 'calibration', files: [{ id: 'f1', name: 'chosen.npz' }], key: 'images', preprocessing: { scale: 1 / 255, mean: [0], std: [1] },
    } });
    expect(session().data.calibration?.samples).toBe(50);
  });
  it('that is refused leaves the data before it in place', async () => {
    const engine = fakeEngine('sample');
    const studio = startStudio(engine.door);
    await opened();
    engine.answer('data.open', () => DATA);
    await chooseData(studio, 'calibration', 'data');
    engine.answer('data.open', () => { throw new RequantError('DATA_INVALID', 'NaN', { sample: 7 }); });
    await chooseData(studio, 'calibration', 'data');
    expect(session().data.calibration).toEqual(DATA);
    expect(useMessages.getState().open).toMatchObject([{ code: 'DATA_INVALID', where: 'sample 7' }]);
  });
  it('labels wait for samples, then go with them', async () => {
    const engine = fakeEngine('sample');
    const studio = startStudio(engine.door);
    await opened();
    engine.answer('data.open', () => ({ ...DATA, role: 'evaluation' }));
    await chooseData(studio, 'evaluation', 'labels');
    expect(engine.calls.some((call) => call.method === 'data.open')).toBe(false);
    await chooseData(studio, 'evaluation', 'images');
    expect(engine.calls.at(-1)?.params).toMatchObject({ labels: { id: 'f1' }, files: [{ id: 'f1' }] });
  });
});

describe('a run', () => {
  it('sends the recipe as it stands, reports progress, and shows its result', async () => {
    const engine = fakeEngine('sample');
    const studio = startStudio(engine.door);
    await opened();
    setPrecision([CONV], 'int16');
    const seen: (number | undefined)[] = [];
    useSession.subscribe((s) => { seen.push(s.jobs[0]?.progress?.fraction); });
    engine.answer('run.start', (params, context) => {
      context.progress({ stage: 'calibrate', fraction: 0.5 });
      return runView(1, { [CONV.name]: 40 }, params.recipe);
    });
    await startRun(studio);
    expect(engine.calls.at(-1)?.params).toMatchObject({ recipe: { nodes: { [CONV.name]: { precision: 'int16' } } } });
    expect(seen).toContain(0.5);
    expect(shownRun(session())?.number).toBe(1);
    expect(session().jobs).toEqual([]);
  });
  it('can be cancelled: no run, no error message, only a line in the log', async () => {
    const engine = fakeEngine('sample');
    const studio = startStudio(engine.door);
    await opened();
    engine.answer('run.start', (_params, context) => new Promise((_resolve, reject) => { context.onCancel(() => reject(new RequantError('CANCELLED', 'stopped'))); }));
    const running = startRun(studio);
    await until(() => session().jobs.length === 1);
    session().jobs[0]?.cancel();
    expect(await running).toBeNull();
    expect(session()).toMatchObject({ runs: [], jobs: [] });
    expect(useMessages.getState().open).toEqual([]);
    expect(useMessages.getState().log.at(-1)?.text).toBe('Run: int8, MSE: cancelled');
  });
  it('is not shown when another model was opened meanwhile', async () => {
    const engine = fakeEngine('sample');
    const studio = startStudio(engine.door);
    await opened();
    let finish: (() => void) | undefined;
    engine.answer('run.start', () => new Promise((resolve) => { finish = () => resolve(runView(1, {})); }));
    const running = startRun(studio);
    await until(() => finish !== undefined);
    await openModel(studio, { id: 'm', name: 'other.onnx' });
    finish?.();
    expect(await running).toBeNull();
    expect(session().runs).toEqual([]);
  });
  it('is saved as downloads where the door has no dialog', async () => {
    const engine = fakeEngine('sample');
    const studio = startStudio(engine.door);
    await opened();
    engine.answer('run.save', ({ name }) => ({ files: [{ name: `${name}.sima`, bytes: 10, blob: 'b1' }, { name: `${name}.sima.json`, bytes: 20, blob: 'b2' }] }));
    await saveRun(studio, runView(3, {}));
    expect(engine.downloads).toEqual(['small_int8_run3.sima', 'small_int8_run3.sima.json']);
  });
  it('gets a file name without path or odd characters', () => {
    expect(runFileName('../my model.v2.onnx', runView(1, {}))).toBe('.._my_model.v2_int8_run1');
  });
});

describe('a lost engine', () => {
  it('whose worker was replaced is given the model and the data again; choices and runs stay', async () => {
    const engine = fakeEngine('sample');
    const studio = startStudio(engine.door);
    await opened();
    engine.answer('data.open', () => DATA);
    await chooseData(studio, 'calibration', 'data');
    engine.answer('run.start', () => runView(1, {}));
    await startRun(studio);
    setPrecision([CONV], 'int16');
    engine.calls.length = 0;
    engine.loseWorker();
    await until(() => engine.calls.length === 3 && session().jobs.length === 0);
    expect(engine.calls.map((call) => call.method)).toEqual(['model.openSample', 'data.open', 'data.state']);
    expect(useRecipe.getState().recipe.nodes).toEqual({ [CONV.name]: { precision: 'int16' } });
    expect(session().forgotten).toEqual(new Set(['run-1']));
    expect(useMessages.getState().open).toMatchObject([{ code: 'ENGINE_LOST' }]);
  });
  it('whose link broke is connected to again', async () => {
    const engine = fakeEngine('sample');
    startStudio(engine.door);
    await opened();
    engine.calls.length = 0;
    engine.breakLink();
    await until(() => session().connection === 'lost');
    await vi.waitFor(() => { expect(engine.calls.map((call) => call.method)).toEqual(['engine.hello', 'model.openSample', 'data.state']); }, 10_000);
    expect(session().connection).toBe('ready');
  });
});
