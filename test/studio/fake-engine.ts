// A fake engine for tests of the studio's calls: the real contract over a link in memory, with answers that a test sets.
import { DEFAULT_SETTINGS, serveContract, type CallContext, type Handle, type Link, type MethodName, type Params, type Result } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import type { Door } from '../../renderer/doors/door.ts';
import { MODEL } from './sample-views.ts';

type Answers = { [M in MethodName]?: (params: Params<M>, context: CallContext) => Result<M> | Promise<Result<M>> };

export interface FakeEngine {
  readonly door: Door;
  /** Every call that arrived, in order. */
  readonly calls: { readonly method: MethodName; readonly params: unknown }[];
  readonly downloads: string[];
  answer<M extends MethodName>(method: M, how: (params: Params<M>, context: CallContext) => Result<M> | Promise<Result<M>>): void;
  /** The worker behind the link dies and has a successor. */
  loseWorker(): void;
  /** The link itself breaks. */
  breakLink(): void;
}

/** Two ends of one channel; what is sent on one arrives on the other in a later task, copied as a real channel copies. */
function channel(): { readonly page: Link; readonly engine: Link; readonly close: () => void } {
  const listeners = { page: [] as ((m: unknown) => void)[], engine: [] as ((m: unknown) => void)[] };
  const closers: (() => void)[] = [];
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    for (const closer of closers) closer();
  };
  const end = (own: 'page' | 'engine', other: 'page' | 'engine'): Link => ({
    send: (message) => { const copy = structuredClone(message); setTimeout(() => { if (open) for (const listener of listeners[other]) listener(copy); }, 0); },
    onMessage: (listener) => { listeners[own].push(listener); },
    onClose: (listener) => { closers.push(listener); },
    close,
  });
  return { page: end('page', 'engine'), engine: end('engine', 'page'), close };
}

const BY_ITSELF: readonly MethodName[] = ['engine.configure', 'settings.read', 'sitting.find', 'recent.list'];

export function fakeEngine(start: Result<'engine.hello'>['start'] = 'sample'): FakeEngine {
  const calls: { method: MethodName; params: unknown }[] = [];
  const downloads: string[] = [];
  const answers: Answers = {
    'engine.hello': () => ({ version: '1.2.3', start }),
    'model.openSample': () => ({ model: MODEL }),
    'model.open': () => MODEL,
    'engine.configure': () => ({}),
    'settings.read': () => ({ settings: DEFAULT_SETTINGS, cores: 2, kept: true }),
    'sitting.find': () => ({ found: null }),
    'recent.list': () => ({ files: [] }),
    'data.state': () => ({ calibration: null, evaluation: null }),
  };
  const handle: Handle = async (method, params, context) => {
    // What the page asks by itself whenever it meets an engine is no part of what a test did.
    if (!BY_ITSELF.includes(method)) calls.push({ method, params });
    const how = answers[method];
    if (!how) throw new RequantError('INTERNAL', `the test has no answer for ${method}`);
    return how(params, context);
  };
  let current = channel();
  return {
    calls, downloads,
    answer: (method, how) => { Object.assign(answers, { [method]: how }); },
    loseWorker: () => current.engine.send({ kind: 'lost', message: 'The engine stopped' }),
    breakLink: () => current.close(),
    door: {
      name: 'browser',
      connect: async () => { current = channel(); serveContract(current.engine, handle); return current.page; },
      chooseFiles: async () => [{ id: 'f1', name: 'chosen.npz' }],
      dropped: async (transfer) => [...transfer.files].map((file) => ({ file, path: file.name })),
      acceptDropped: async (files) => files.map(({ path }, i) => ({ id: `d${i}`, name: path })),
      saveTarget: async () => 'download',
      projectTarget: async () => ({ id: 'p1', name: 'mine.requant' }),
      download: async (_blob, name) => { downloads.push(name); },
      saveFile: async (name) => { downloads.push(name); },
      onMenu: () => () => undefined,
      onOpenFile: () => () => undefined,
      showRecents: () => undefined,
    },
  };
}
