// Actions: one id each, one meaning a key, what they do and why they cannot.
import { afterEach, describe, expect, it } from 'vitest';
import type { Studio } from '../calls/studio.ts';
import { DEFAULT_RECIPE } from '../../core/contract/index.ts';
import { CONV, FLOAT, MODEL, RELU } from '../../test/studio/sample-views.ts';
import { clearHistory } from '../stores/history.ts';
import { useRecipe } from '../stores/recipe.ts';
import { select, useSelection } from '../stores/selection.ts';
import { EMPTY_SESSION, showModel, useSession } from '../stores/session.ts';
import { ACTIONS, actionById } from './index.ts';
import { belongsToTyping, matches, shortcutText, type KeyPress } from './keys.ts';
import { perform } from './shortcuts.ts';

const nowhere = {} as Studio; // these actions need neither door nor engine
const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held });

afterEach(() => {
  useSession.setState(EMPTY_SESSION);
  useSelection.setState({ names: [], reveal: null });
  useRecipe.setState({ recipe: DEFAULT_RECIPE });
  clearHistory();
});

describe('the table', () => {
  it('has every id once and every key once', () => {
    const ids = ACTIONS.map((action) => action.id), keys = ACTIONS.flatMap((action) => action.keys ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(keys).size).toBe(keys.length);
  });
  it('knows every action of the desktop\'s menu', () => {
    for (const id of ['open-model', 'open-project', 'open-sample', 'save-project', 'save-project-as', 'settings', 'shortcuts', 'about', 'load-calibration', 'load-evaluation', 'save-run', 'export-graph', 'export-graph-png', 'export-report', 'export-layers', 'undo', 'redo', 'run', 'cancel', 'fit', 'find', 'overlay-error', 'overlay-precision', 'overlay-placement', 'toggle-theme']) {
      expect(actionById(id).id).toBe(id);
    }
  });
});

describe('setting precisions', () => {
  it('sets the selected nodes, and undo takes it back', () => {
    showModel(MODEL, 'sample');
    select([CONV.name]);
    perform(actionById('set-int16'), nowhere);
    expect(useRecipe.getState().recipe.nodes).toEqual({ [CONV.name]: { precision: 'int16' } });
    perform(actionById('undo'), nowhere);
    expect(useRecipe.getState().recipe.nodes).toEqual({});
  });
  it('says why it cannot: nothing selected, 8-bit only, off the accelerator', () => {
    showModel(MODEL, 'sample');
    expect(actionById('set-int16').why?.()).toBe('Select a node first');
    select([RELU.name]);
    expect(actionById('set-int16').why?.()).toContain('only at int8');
    select([FLOAT.name]);
    expect(actionById('set-int8').why?.()).toContain('no integer form');
  });
  it('is possible when at least one of the selected nodes can', () => {
    showModel(MODEL, 'sample');
    select([RELU.name, CONV.name]);
    expect(actionById('set-int16').why?.()).toBeNull();
  });
});

describe('running', () => {
  it('needs a model and calibration data', () => {
    expect(actionById('run').why?.()).toBe('Open a model first');
    showModel(MODEL, 'sample');
    expect(actionById('run').why?.()).toBe('Load calibration data first');
  });
  it('cancel reaches every job, once', () => {
    let cancelled = 0;
    useSession.setState({ jobs: [{ id: 1, kind: 'run', title: 'Run', progress: null, cancelling: false, cancel: () => { cancelled++; } }] });
    perform(actionById('cancel'), nowhere);
    expect(cancelled).toBe(1);
    useSession.setState((s) => ({ jobs: s.jobs.map((job) => ({ ...job, cancelling: true })) }));
    perform(actionById('cancel'), nowhere);
    expect(cancelled).toBe(1);
  });
});

it('next and previous node walk in execution order', () => {
  showModel(MODEL, 'sample');
  perform(actionById('next-node'), nowhere);
  perform(actionById('next-node'), nowhere);
  expect(useSelection.getState().names).toEqual([RELU.name]);
  perform(actionById('previous-node'), nowhere);
  expect(useSelection.getState()).toMatchObject({ names: [CONV.name], reveal: { name: CONV.name } });
});

describe('shortcuts', () => {
  it('mod is Ctrl on PCs and Cmd on Macs, and other modifiers do not slip in', () => {
    expect(matches(press('o', { ctrlKey: true }), 'mod+o', false)).toBe(true);
    expect(matches(press('o', { metaKey: true }), 'mod+o', true)).toBe(true);
    expect(matches(press('o', { ctrlKey: true }), 'mod+o', true)).toBe(false);
    expect(matches(press('Z', { ctrlKey: true, shiftKey: true }), 'mod+z', false)).toBe(false);
    expect(matches(press('Z', { ctrlKey: true, shiftKey: true }), 'mod+shift+z', false)).toBe(true);
    expect(matches(press('f', { altKey: true }), 'f', false)).toBe(false);
    // A sign that needs Shift on most keyboards is asked for by itself.
    expect(matches(press('?', { shiftKey: true }), '?', false)).toBe(true);
  });
  it('leaves letters and editing keys to text fields, but not Ctrl+Enter', () => {
    expect([press('1'), press('z', { ctrlKey: true }), press('a', { metaKey: true })].every(belongsToTyping)).toBe(true);
    expect(belongsToTyping(press('Enter', { ctrlKey: true }))).toBe(false);
  });
  it('are written the way each system writes them', () => {
    expect(shortcutText('mod+shift+z', false)).toBe('Ctrl+Shift+Z');
    expect(shortcutText('mod+shift+z', true)).toBe('⌘⇧Z');
  });
});
