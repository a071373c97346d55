// The stores: undo, selection, data form, run form, messages.
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, type DataView } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { ADD, CONV, MODEL, NODES, runView } from '../../test/studio/sample-views.ts';
import { EMPTY_FORM, changeForm, followData, formOf, parseForm, useDataForms } from './data-form.ts';
import { dismiss, report, useMessages } from './messages.ts';
import { clearHistory, record, redo, undo, useHistory } from './history.ts';
import { adopt, edit, setPrecision, startRecipe, useRecipe } from './recipe.ts';
import { isCount, samplesOf } from './run-form.ts';
import { meanError, runIndex } from './run-index.ts';
import { applyChanges, select, toggle, useSelection } from './selection.ts';
import { addRun, EMPTY_SESSION, forgetRuns, removeRun, shownRun, showModel, useSession } from './session.ts';

afterEach(() => {
  useRecipe.setState({ recipe: DEFAULT_RECIPE });
  clearHistory();
  useSession.setState(EMPTY_SESSION);
  useSelection.setState({ names: [], reveal: null });
  useDataForms.setState({ calibration: EMPTY_FORM, evaluation: EMPTY_FORM });
  useMessages.setState({ open: [], log: [] });
});

describe('recipe history', () => {
  it('undoes and redoes a change of several nodes as one step', () => {
    setPrecision([CONV, ADD], 'int16');
    undo();
    expect(useRecipe.getState().recipe.nodes).toEqual({});
    redo();
    expect(Object.keys(useRecipe.getState().recipe.nodes)).toEqual([CONV.name, ADD.name]);
  });
  it('an edit that changes nothing is no step', () => {
    setPrecision([CONV], 'int8');
    edit((recipe) => ({ ...recipe }));
    expect(useHistory.getState().past).toEqual([]);
  });
  it('another model starts without node choices and without history, but keeps the general choices', () => {
    edit((recipe) => ({ ...recipe, weights: 'per-tensor' }));
    setPrecision([CONV], 'int16');
    startRecipe(NODES);
    expect(useRecipe.getState().recipe).toMatchObject({ weights: 'per-tensor', nodes: {} });
    expect(useHistory.getState().past).toEqual([]);
  });
  it('taking over an earlier run\'s recipe can be undone', () => {
    adopt({ ...DEFAULT_RECIPE, preset: 'int16' }, NODES);
    expect(useRecipe.getState().recipe.preset).toBe('int16');
    undo();
    expect(useRecipe.getState().recipe.preset).toBe('int8');
  });
});

describe('history', () => {
  it('says what it would undo', () => {
    setPrecision([CONV, ADD], 'int16');
    setPrecision([CONV], 'float');
    edit((recipe) => ({ ...recipe, weights: 'per-tensor' }));
    expect(useHistory.getState().past.map(({ label }) => label)).toEqual(['int16 for 2 nodes', `float for ${CONV.name}`, 'weights']);
  });
  it('takes steps of one key as one, and gives up what was undone when something new is done', () => {
    const seen: string[] = [];
    const step = (text: string, key?: string) => record({ label: text, undo: () => seen.push(`undo ${text}`), redo: () => seen.push(`redo ${text}`), forget: () => seen.push(`forget ${text}`), ...(key && { key }) });
    step('a', 'note'); step('ab', 'note'); step('c');
    undo(); undo();
    expect(seen).toEqual(['undo c', 'undo a']);
    redo();
    step('d');
    expect(seen.slice(2)).toEqual(['redo ab', 'forget c']);
    expect(useHistory.getState()).toMatchObject({ past: [{ label: 'ab' }, { label: 'd' }], future: [] });
  });
});

describe('session', () => {
  it('shows the newest run, and a new model forgets the runs of the old one', () => {
    showModel(MODEL, 'sample');
    addRun(runView(1, {}));
    addRun(runView(2, {}));
    expect(shownRun(useSession.getState())?.number).toBe(2);
    showModel(MODEL, 'sample');
    expect(useSession.getState().runs).toEqual([]);
    expect(shownRun(useSession.getState())).toBeNull();
  });
  it('remembers the largest number of a run, though that run was deleted', () => {
    addRun(runView(1, {}));
    addRun(runView(2, {}));
    removeRun('run-2');
    expect(useSession.getState()).toMatchObject({ runs: [{ number: 1 }], lastNumber: 2 });
  });
  it('keeps runs on the screen after the engine was lost, marked as forgotten', () => {
    addRun(runView(1, {}));
    forgetRuns();
    expect(useSession.getState().forgotten).toEqual(new Set(['run-1']));
    expect(shownRun(useSession.getState())?.number).toBe(1);
  });
  it('means skip nodes without any error', () => {
    expect(meanError(runView(1, { a: 40, b: 50, c: Infinity }), 'local', 'psnr')).toBe(45);
    expect(meanError(runView(1, {}), 'local', 'psnr')).toBeNull();
  });
  it('a run is indexed once', () => {
    const run = runView(1, { a: 40 });
    expect(runIndex(run)).toBe(runIndex(run));
    expect(runIndex(run).local.get('a')?.psnr).toBe(40);
  });
});

describe('selection', () => {
  it('toggles, applies changes, and stays the same object when nothing changes', () => {
    select(['a', 'b', 'a']);
    expect(useSelection.getState().names).toEqual(['a', 'b']);
    toggle('a');
    applyChanges([{ name: 'c', selected: true }, { name: 'b', selected: false }]);
    const { names } = useSelection.getState();
    expect(names).toEqual(['c']);
    select(['c']);
    expect(useSelection.getState().names).toBe(names);
  });
});

describe('data form', () => {
  it('reads numbers, fractions, and one value a channel', () => {
    const parsed = parseForm({ ...EMPTY_FORM, scale: '1/255', mean: '0.5, 0.4,0.3', std: '.25', layout: 'nchw', dequantize: '0.5, -3' });
    expect(parsed).toEqual({ preprocessing: { scale: 1 / 255, mean: [0.5, 0.4, 0.3], std: [0.25], layout: 'nchw', dequantize: { scale: 0.5, zeroPoint: -3 } } });
  });
  it.each([
    [{ scale: 'x' }, 'scale'], [{ scale: '1/' }, 'scale'], [{ scale: '1/0' }, 'scale'], [{ mean: '1,,2' }, 'mean'], [{ std: '1, 0' }, 'std'], [{ dequantize: '1' }, 'dequantize'], [{ dequantize: '1, 0.5' }, 'dequantize'],
    [{ resize: 'crop', keep: '9' }, 'keep'], [{ resize: 'crop', keep: '100.5' }, 'keep'], [{ resize: 'crop', keep: 'x' }, 'keep'], [{ resize: 'fit', pad: '256' }, 'pad'], [{ resize: 'fit', pad: '1/2' }, 'pad'],
  ] as const)('says which field is wrong: %j', (change, field) => {
    const parsed = parseForm({ ...EMPTY_FORM, ...change });
    expect('errors' in parsed && Object.keys(parsed.errors)).toEqual([field]);
  });
  it('says of images what is not the default, keeps a share only of a crop, and shows the same again', () => {
    const read = (change: Partial<typeof EMPTY_FORM>) => parseForm({ ...EMPTY_FORM, ...change });
    const plain = { scale: 1, mean: [0], std: [1] }, cropped = { ...plain, resize: 'crop', keep: 87.5, channelOrder: 'bgr' } as const;
    expect(read({ resize: 'crop', keep: '87.5', channelOrder: 'bgr' })).toEqual({ preprocessing: cropped });
    expect(read({ resize: 'stretch', keep: 'x' })).toEqual({ preprocessing: plain });
    expect(read({ resize: 'fit', keep: '50' })).toEqual({ preprocessing: { ...plain, resize: 'fit' } });
    expect(read({ resize: 'fit', pad: '114' })).toEqual({ preprocessing: { ...plain, resize: 'fit', pad: 114 } });
    expect(read({ resize: 'crop', keep: '100', pad: '114' })).toEqual({ preprocessing: { ...plain, resize: 'crop' } });
    expect(read(formOf(cropped))).toEqual({ preprocessing: cropped });
  });
  it('says nothing of images to arrays, whatever stands in the form', () => {
    const said = { ...EMPTY_FORM, resize: 'crop', keep: 'x', channelOrder: 'bgr' } as const;
    expect(parseForm({ ...said, files: [{ id: '1', name: 'test.npz' }] })).toEqual({ preprocessing: { scale: 1, mean: [0], std: [1] } });
    expect('errors' in parseForm({ ...said, files: [{ id: '1', name: 'cat/1.png' }] })).toBe(true);
  });
  it('says of a raw file what its numbers are, and of other files nothing of the kind', () => {
    const said = { ...EMPTY_FORM, rawType: 'uint8', rawShape: '3, 8x8' } as const, plain = { scale: 1, mean: [0], std: [1] };
    expect(parseForm({ ...said, files: [{ id: '1', name: 'a.BIN' }] })).toEqual({ raw: { type: 'uint8', shape: [3, 8, 8] }, preprocessing: plain });
    expect(parseForm({ ...EMPTY_FORM, files: [{ id: '1', name: 'a.raw' }] })).toEqual({ preprocessing: plain });
    expect(Object.keys(parseForm({ ...said, rawShape: '3,', files: [{ id: '1', name: 'a.raw' }] }))).toEqual(['errors']);
    expect(parseForm({ ...said, rawShape: '3,', files: [{ id: '1', name: 'a.npz' }] })).toEqual({ preprocessing: plain });
  });
  it('a form that nobody touched follows the other role; a touched one does not', () => {
    followData('calibration', { scale: 2, mean: [1], std: [3] });
    expect(useDataForms.getState().evaluation).toMatchObject({ scale: '2', mean: '1', std: '3' });
    changeForm('evaluation', { scale: '7', touched: true });
    followData('calibration', { scale: 4, mean: [1], std: [3] });
    expect(useDataForms.getState().evaluation.scale).toBe('7');
  });
});

describe('run form', () => {
  const data = { calibration: { samples: 500 } as DataView, evaluation: { samples: 1000 } as DataView };
  it('empty means all samples, said as a number', () => {
    expect(samplesOf({ calibration: '', analysis: '', accuracy: '' }, data)).toEqual({ calibrationSamples: 500, analysisSamples: 1000, accuracySamples: 1000 });
  });
  it('accuracy can be left out with 0; the others need a sample', () => {
    expect(samplesOf({ calibration: '0', analysis: '4', accuracy: '0' }, data)).toEqual({ calibrationSamples: 1, analysisSamples: 4, accuracySamples: 0 });
    expect([isCount('0', 1), isCount('', 1), isCount('0', 0), isCount('1.5', 0), isCount('-1', 0), isCount('ten', 0)]).toEqual([false, true, true, false, false, false]);
  });
});

describe('messages', () => {
  it('say what, where and what to do, stay until dismissed, and are logged', () => {
    report(new RequantError('PRECISION_UNSUPPORTED', 'relu cannot run as int16', { node: 'MLA_0/relu_1' }));
    const [message] = useMessages.getState().open;
    expect(message).toMatchObject({ code: 'PRECISION_UNSUPPORTED', what: 'relu cannot run as int16', where: 'node MLA_0/relu_1' });
    expect(message?.hint).not.toBe('');
    expect(useMessages.getState().log.at(-1)).toMatchObject({ level: 'error' });
    dismiss(message?.id ?? 0);
    expect(useMessages.getState().open).toEqual([]);
  });
  it('name a file without its folders', () => {
    report(new RequantError('FILE_NOT_FOUND', 'no such file', { file: '/home/me/models/net.onnx' }));
    expect(useMessages.getState().open[0]?.where).toBe('net.onnx');
    expect(useMessages.getState().log.at(-1)?.text).not.toContain('/home');
  });
  it('the same error twice is one message', () => {
    report(new RequantError('FILE_NOT_FOUND', 'no such file', { file: 'a' }));
    report(new RequantError('FILE_NOT_FOUND', 'no such file', { file: 'a' }));
    expect(useMessages.getState().open).toHaveLength(1);
  });
});
