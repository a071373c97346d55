// Session: what the engine has told us. The model, the data, the runs, and the jobs that are under way.
import { create } from 'zustand';
import type { DataRole, DataView, FileRef, ModelView, NodeView, OriginalView, Progress, RunView } from '../../core/contract/index.ts';

export type Connection = 'connecting' | 'ready' | 'lost';
/** Where the open model came from, so that it can be opened again when the engine had to start anew. */
export type ModelOrigin = FileRef | 'sample';

export interface Job {
  readonly id: number;
  readonly kind: 'model' | 'data' | 'run' | 'save';
  readonly title: string;
  readonly progress: Progress | null;
  readonly cancelling: boolean;
  readonly cancel: () => void;
}
export interface Session {
  readonly connection: Connection;
  readonly version: string;
  readonly origin: ModelOrigin | null;
  readonly model: ModelView | null;
  /** The model's graph as its file has it; null until it is asked for. */
  readonly original: OriginalView | null;
  readonly data: Readonly<Record<DataRole, DataView | null>>;
  readonly runs: readonly RunView[];
  /** Runs that the engine no longer holds: still shown, but not saved or inspected. */
  readonly forgotten: ReadonlySet<string>;
  readonly shownRun: string | null;
  readonly jobs: readonly Job[];
}

export const EMPTY_SESSION: Session = {
  connection: 'connecting', version: '', origin: null, model: null, original: null, data: { calibration: null, evaluation: null },
  runs: [], forgotten: new Set(), shownRun: null, jobs: [],
};

export const useSession = create<Session>(() => EMPTY_SESSION);

/** A new model: its data stays only where the engine says so, and earlier runs belong to the earlier model. */
export function showModel(model: ModelView, origin: ModelOrigin): void {
  useSession.setState({ model, origin, original: null, runs: [], forgotten: new Set(), shownRun: null });
}

export function showData(role: DataRole, view: DataView | null): void {
  useSession.setState((s) => ({ data: { ...s.data, [role]: view } }));
}

export function addRun(run: RunView): void {
  useSession.setState((s) => ({ runs: [...s.runs.filter((r) => r.id !== run.id), run], shownRun: run.id }));
}

export function forgetRuns(): void {
  useSession.setState((s) => ({ forgotten: new Set(s.runs.map((r) => r.id)) }));
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

export const shownRun = (s: Session): RunView | null => s.runs.find((run) => run.id === s.shownRun) ?? null;
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
