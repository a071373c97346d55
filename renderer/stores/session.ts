// Session: what the engine has told us. The model, the data, the runs, and the jobs that are under way.
import { create } from 'zustand';
import type { DataRole, DataView, FileRef, InputShapes, ModelView, NodeView, OriginalView, Progress, RunView } from '../../core/contract/index.ts';
import { record } from './history.ts';

export type Connection = 'connecting' | 'ready' | 'lost';
/** Where the open model came from, so that it can be opened again when the engine had to start anew. */
export type ModelOrigin = FileRef | 'sample';

export interface Job {
  readonly id: number;
  readonly kind: 'model' | 'data' | 'run' | 'sweep' | 'draft' | 'save';
  readonly title: string;
  readonly progress: Progress | null;
  readonly cancelling: boolean;
  readonly cancel: () => void;
}
export interface Session {
  readonly connection: Connection;
  readonly version: string;
  readonly origin: ModelOrigin | null;
  /** What its file leaves open, as it was given. */
  readonly inputShapes: InputShapes;
  readonly model: ModelView | null;
  /** The model's graph as its file has it; null until it is asked for. */
  readonly original: OriginalView | null;
  readonly data: Readonly<Record<DataRole, DataView | null>>;
  readonly runs: readonly RunView[];
  /** The largest number that a run has had, deleted ones too: one that comes back must not meet its number again. */
  readonly lastNumber: number;
  /** Runs that the engine no longer holds: still shown, but not saved or inspected. */
  readonly forgotten: ReadonlySet<string>;
  readonly shownRun: string | null;
  /** The run that the shown one is compared with, or null. */
  readonly comparedRun: string | null;
  /** What a person has written about runs, by run. */
  readonly notes: Readonly<Record<string, string>>;
  readonly jobs: readonly Job[];
}

export const EMPTY_SESSION: Session = {
  connection: 'connecting', version: '', origin: null, inputShapes: {}, model: null, original: null, data: { calibration: null, evaluation: null },
  runs: [], lastNumber: 0, forgotten: new Set(), shownRun: null, comparedRun: null, notes: {}, jobs: [],
};

export const useSession = create<Session>(() => EMPTY_SESSION);

/** A new model: its data stays only where the engine says so, and earlier runs belong to the earlier model. */
export function showModel(model: ModelView, origin: ModelOrigin, inputShapes: InputShapes = {}): void {
  useSession.setState({ model, origin, inputShapes, original: null, runs: [], lastNumber: 0, forgotten: new Set(), shownRun: null, comparedRun: null, notes: {} });
}

export function showData(role: DataRole, view: DataView | null): void {
  useSession.setState((s) => ({ data: { ...s.data, [role]: view } }));
}

export function addRun(run: RunView): void {
  useSession.setState((s) => ({
    runs: [...s.runs.filter((r) => !r.draft && r.id !== run.id), run], lastNumber: run.draft ? s.lastNumber : Math.max(s.lastNumber, run.number), shownRun: run.id,
  }));
}

/** The draft goes; another run is shown in its place. */
export function dropDraft(show: string | null): void {
  useSession.setState((s) => ({ runs: s.runs.filter((r) => !r.draft), shownRun: show }));
}

export function removeRun(id: string): void {
  useSession.setState((s) => {
    const runs = s.runs.filter((r) => r.id !== id);
    const { [id]: _, ...notes } = s.notes;
    return { runs, notes, shownRun: s.shownRun === id ? runs.at(-1)?.id ?? null : s.shownRun, comparedRun: s.comparedRun === id ? null : s.comparedRun };
  });
}

/** A deleted run comes back to its place in the list, with its note, and shown or compared as it was. */
export function putBackRun(run: RunView, at: number, note: string | undefined, was: Pick<Session, 'shownRun' | 'comparedRun'>): void {
  useSession.setState((s) => ({
    runs: [...s.runs.slice(0, at), run, ...s.runs.slice(at)], notes: note === undefined ? s.notes : { ...s.notes, [run.id]: note },
    shownRun: was.shownRun === run.id ? run.id : s.shownRun, comparedRun: was.comparedRun === run.id ? run.id : s.comparedRun,
  }));
}

export function forgetRuns(): void {
  useSession.setState((s) => ({ runs: s.runs.filter((r) => !r.draft), forgotten: new Set(s.runs.map((r) => r.id)) }));
}

export function beginJob(job: Omit<Job, 'progress' | 'cancelling'>): void {
  useSession.setState((s) => ({ jobs: [...s.jobs, { ...job, progress: null, cancelling: false }] }));
}

export function updateJob(id: number, change: Partial<Pick<Job, 'progress' | 'cancelling'>>): void {
  useSession.setState((s) => ({ jobs: s.jobs.map((job) => (job.id === id ? { ...job, ...change } : job)) }));
}

export function endJob(id: number): void {
  useSession.setState((s) => ({ jobs: s.jobs.filter((job) => job.id !== id) }));
}

/** One step for all that is typed into one note. */
export function setNote(run: RunView, note: string): void {
  const write = (text: string) => (): void => useSession.setState((s) => ({ notes: { ...s.notes, [run.id]: text } }));
  const before = useSession.getState().notes[run.id] ?? '';
  write(note)();
  record({ label: `note on ${runName(run)}`, key: `note ${run.id}`, undo: write(before), redo: write(note) });
}

/** The run that the shown one is compared with; a run is not compared with itself. */
export const comparedRun = (s: Session): RunView | null => (s.comparedRun === s.shownRun ? null : s.runs.find((run) => run.id === s.comparedRun) ?? null);
export const shownRun = (s: Session): RunView | null => s.runs.find((run) => run.id === s.shownRun) ?? null;
/** The newest run that was asked for. */
export const lastRun = (s: Session): RunView | null => s.runs.findLast((run) => !run.draft) ?? null;
/** What a run is called. */
export const runName = (run: RunView): string => (run.draft ? 'Draft' : `Run ${run.number}`);
export const runningJob = (s: Session): Job | null => s.jobs.find((job) => job.kind === 'run') ?? null;

const byName = new WeakMap<ModelView, ReadonlyMap<string, NodeView>>();
const NONE: ReadonlyMap<string, NodeView> = new Map();

/** Nodes by name, built once a model. */
export function nodesByName(model: ModelView | null): ReadonlyMap<string, NodeView> {
  if (!model) return NONE;
  let map = byName.get(model);
  if (!map) byName.set(model, (map = new Map(model.nodes.map((node) => [node.name, node]))));
  return map;
}
