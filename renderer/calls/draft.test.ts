// Changes at once: which change asks the engine what, and what becomes of the answer.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_RECIPE, DEFAULT_SETTINGS, type Params, type RunView } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { fakeEngine, type FakeEngine } from '../../test/studio/fake-engine.ts';
import { CONV, LAST, NODES, runView } from '../../test/studio/sample-views.ts';
import { clearHistory, undo } from '../stores/history.ts';
import { edit, setPrecision, useRecipe } from '../stores/recipe.ts';
import { addRun, EMPTY_SESSION, shownRun, useSession } from '../stores/session.ts';
import { useSettings } from '../stores/settings.ts';
import { useView } from '../stores/view.ts';
import { startStudio } from './connect.ts';
import { installDrafts } from './draft.ts';
import { startRun } from './start-run.ts';
import type { Studio } from './studio.ts';

/** A busy machine is given time; what never comes fails all the same. */
const until = (test: () => boolean) => vi.waitFor(() => { expect(test()).toBe(true); }, 10_000);
const draftOf = ({ recipe, feed }: Params<'run.draft'>): RunView => {
  const view = { ...runView(9, { [CONV.name]: 50 }, recipe), id: 'draft', draft: true };
  return feed === 'local' ? { ...view, cumulative: [] } : view;
};
let engine: FakeEngine;
let studio: Studio;
let stop: () => void;
const drafts = () => engine.calls.filter((call) => call.method === 'run.draft').map((call) => call.params as Params<'run.draft'>);

beforeEach(async () => {
  engine = fakeEngine('sample');
  engine.answer('run.draft', draftOf);
  studio = startStudio(engine.door);
  stop = installDrafts(studio);
  await until(() => useSession.getState().model !== null && useSession.getState().jobs.length === 0);
});
afterEach(() => {
  stop();
  useSession.setState(EMPTY_SESSION, true);
  useSettings.setState(DEFAULT_SETTINGS);
  useView.setState({ feed: 'cumulative' });
  useRecipe.setState({ recipe: DEFAULT_RECIPE });
  clearHistory();
});

describe('a change', () => {
  it.each([['before a first run', true, []], ['where it was turned off', false, [runView(1, {})]]] as const)('asks nothing %s', async (_, atOnce, runs) => {
    useSettings.setState({ atOnce });
    for (const run of runs) addRun(run);
    setPrecision([CONV], 'int16');
    await new Promise((done) => { setTimeout(done, 20); });
    expect(drafts()).toEqual([]);
  });
  it('is measured with the samples of the run, local errors first, and shown as the draft', async () => {
    addRun(runView(1, {}));
    await Promise.resolve();
    setPrecision([CONV], 'int16');
    await until(() => shownRun(useSession.getState())?.draft === true);
    await until(() => drafts().length === 2);
    expect(drafts().map(({ feed, calibrationSamples, analysisSamples }) => [feed, calibrationSamples, analysisSamples])).toEqual([['local', 10, 4], ['cumulative', 10, 4]]);
    expect(drafts()[0]?.recipe.nodes).toEqual({ [CONV.name]: { precision: 'int16' } });
  });
  it('shows local errors without waiting for cumulative ones where those are not on the screen', async () => {
    useView.setState({ feed: 'local' });
    engine.answer('run.draft', (params) => (params.feed === 'local' ? draftOf(params) : new Promise(() => undefined)));
    addRun(runView(1, {}));
    setPrecision([CONV], 'int16');
    await until(() => shownRun(useSession.getState())?.draft === true);
    expect(shownRun(useSession.getState())?.cumulative).toEqual([]);
  });
  it('says what both halves took together once the second, which ran no node for local errors, is there', async () => {
    engine.answer('run.draft', (params) => ({ ...draftOf(params), seconds: 2, ran: params.feed === 'local' ? { local: 5, cumulative: null } : { local: 0, cumulative: 7 } }));
    addRun(runView(1, {}));
    setPrecision([CONV], 'int16');
    await until(() => shownRun(useSession.getState())?.draft === true);
    expect(shownRun(useSession.getState())).toMatchObject({ seconds: 4, ran: { local: 5, cumulative: 7 } });
  });
  it('takes the place of the one before it: there is one draft at most, of the newest recipe', async () => {
    addRun(runView(1, {}));
    setPrecision([CONV], 'int16');
    setPrecision([LAST], 'int16');
    await until(() => Object.keys(shownRun(useSession.getState())?.recipe.nodes ?? {}).length === 2);
    expect(useSession.getState().runs.filter((run) => run.draft)).toHaveLength(1);
  });
  it('that is undone shows the run again and drops the draft', async () => {
    addRun(runView(1, {}));
    setPrecision(NODES.slice(0, 1), 'int16');
    await until(() => shownRun(useSession.getState())?.draft === true);
    undo();
    expect(shownRun(useSession.getState())?.number).toBe(1);
    expect(useSession.getState().runs.some((run) => run.draft)).toBe(false);
  });
  it('of the method is measured as well', async () => {
    addRun(runView(1, {}));
    edit((recipe) => ({ ...recipe, calibration: { method: 'entropy' } }));
    await until(() => shownRun(useSession.getState())?.recipe.calibration.method === 'entropy');
  });
  it('gives way to a run, and is measured after all when the run is cancelled', async () => {
    let asked = 0;
    const never = (context: { onCancel(stop: () => void): void }) => new Promise<never>((_resolve, reject) => { context.onCancel(() => reject(new RequantError('CANCELLED', 'stopped'))); });
    engine.answer('run.draft', (params, context) => (asked++ === 0 ? never(context) : draftOf(params)));
    engine.answer('run.start', (_params, context) => never(context));
    addRun(runView(1, {}));
    await Promise.resolve();
    setPrecision([CONV], 'int16');
    await until(() => drafts().length === 1);
    const run = startRun(studio);
    await until(() => useSession.getState().jobs.every(({ kind }) => kind === 'run'));
    useSession.getState().jobs[0]?.cancel();
    expect(await run).toBeNull();
    await until(() => shownRun(useSession.getState())?.draft === true);
  });
  it('becomes a run: the draft goes, and the same recipe, its keys in another order, is not measured again', async () => {
    engine.answer('run.start', ({ recipe: { nodes, ...general } }) => runView(2, {}, { nodes, ...general }));
    addRun(runView(1, {}));
    await Promise.resolve();
    edit((recipe) => ({ ...recipe, armOnly: true }));
    await until(() => drafts().length === 2 && useSession.getState().jobs.length === 0);
    await startRun(studio);
    await new Promise((done) => { setTimeout(done, 20); });
    expect(drafts()).toHaveLength(2);
    expect(useSession.getState().runs.map(({ draft, number }) => [draft, number])).toEqual([[false, 1], [false, 2]]);
  });
});
