// Topic project: what one sitting at the studio consists of, saved as a project file, kept while it goes on, and opened again.
import * as v from 'valibot';
import { CHANNEL_ORDERS, RAW_TYPES, RESIZES } from './data.ts';
import { method } from './method.ts';
import { FileRef, InputShapes } from './model.ts';
import { Recipe } from './recipe.ts';
import { RunView } from './run.ts';
import { SweepView } from './sweep.ts';

/** A text that a person typed into one field. */
const Typed = v.pipe(v.string(), v.maxLength(1000));
const Name = v.pipe(v.string(), v.maxLength(10_000));

/** Which samples, and their preprocessing as it was typed. No files: the data came with the sample, or there is none. */
const dataChoice = <F extends v.GenericSchema>(file: F) => v.object({
  files: v.pipe(v.array(file), v.maxLength(100_000)),
  labels: v.nullable(file),
  key: Typed,
  labelsKey: Typed,
  scale: Typed,
  mean: Typed,
  std: Typed,
  layout: v.picklist(['', 'nhwc', 'nchw']),
  dequantize: Typed,
  /** Projects saved when images were only stretched have none of these. */
  resize: v.optional(v.picklist(RESIZES), 'stretch'),
  keep: v.optional(Typed, '100'),
  pad: v.optional(Typed, '0'),
  channelOrder: v.optional(v.picklist(CHANNEL_ORDERS), 'rgb'),
  /** Projects saved before raw files were read have none of these. Empty: as the model's input. */
  rawType: v.optional(v.picklist(['', ...RAW_TYPES]), ''),
  rawShape: v.optional(Typed, ''),
});
const Camera = v.object({ x: v.pipe(v.number(), v.finite()), y: v.pipe(v.number(), v.finite()), zoom: v.pipe(v.number(), v.finite(), v.gtValue(0)) });

/** Everything of a project but how its files and runs are written down: the page says FileRefs, the file on disk paths. */
export const projectOf = <F extends v.GenericSchema, R extends v.GenericSchema>(file: F, run: R) => v.object({
  model: v.union([file, v.literal('sample')]),
  /** What the model's file leaves open, as it was given. Projects saved before that could be said have none. */
  inputShapes: v.optional(InputShapes, {}),
  data: v.object({ calibration: dataChoice(file), evaluation: dataChoice(file) }),
  recipe: Recipe,
  /** How many samples a run uses, as typed; empty: all. */
  samples: v.object({ calibration: Typed, analysis: Typed, accuracy: Typed }),
  runs: v.pipe(v.array(run), v.maxLength(10_000)),
  /** Projects saved before there were sweeps have none. */
  sweeps: v.optional(v.pipe(v.array(SweepView), v.maxLength(1000)), []),
  /** What a person wrote about a run, by its id. */
  notes: v.record(v.string(), Name),
  shownRun: v.nullable(v.string()),
  comparedRun: v.nullable(v.string()),
  view: v.object({
    selection: v.array(Name),
    overlay: v.picklist(['error', 'precision', 'placement', 'operator', 'cost']),
    metric: v.picklist(['psnr', 'mae', 'mse']),
    feed: v.picklist(['local', 'cumulative']),
    graph: v.picklist(['partitioned', 'original']),
    /** Partitions drawn as one. */
    collapsed: v.array(Name),
    /** Where the graph was looked at; null where it never was. */
    camera: v.nullable(Camera),
  }),
});

/** As the page says it: runs by their id, since the engine was handed each of them once (`project.run`). */
export const ProjectContent = projectOf(FileRef, v.object({ id: v.string(), number: v.number() }));
export type ProjectContent = v.InferOutput<typeof ProjectContent>;
export const OpenedProject = projectOf(FileRef, RunView);
export type OpenedProject = v.InferOutput<typeof OpenedProject>;

/** What has become of a file since a project was saved. `uploaded`: it was never on the engine's own disk. */
export const FILE_STATES = ['same', 'changed', 'missing', 'uploaded'] as const;
export type FileState = (typeof FILE_STATES)[number];
const FileFound = v.object({ name: v.string(), state: v.picklist(FILE_STATES) });
export type FileFound = v.InferOutput<typeof FileFound>;

export const ProjectFound = v.object({
  content: OpenedProject,
  /** Milliseconds since 1970. */
  savedAt: v.number(),
  /** Can it be saved to the same file again? Not where that was an upload. */
  again: v.boolean(),
  model: FileFound,
  /** Files of the data that are not as they were. Missing ones are no longer in `content`. */
  data: v.object({ calibration: v.array(FileFound), evaluation: v.array(FileFound) }),
});
export type ProjectFound = v.InferOutput<typeof ProjectFound>;

/** Hands over a run, or one that was changed, before a project names it. */
export const projectRun = method('project.run', v.object({ run: RunView }), v.object({}));

/** Writes a project file, whole or not at all. Without `target` it comes back as a blob to download, under `name`. */
export const projectSave = method('project.save', v.object({ content: ProjectContent, name: v.string(), target: v.optional(FileRef) }), v.object({
  files: v.array(v.object({ name: v.string(), bytes: v.number(), blob: v.optional(v.string()) })),
}));

/** Reads a project file. `model` stands in for a model that is missing or was changed. Raises FORMAT_CORRUPT, FORMAT_UNSUPPORTED, FORMAT_TOO_LARGE. */
export const projectOpen = method('project.open', v.object({ file: FileRef, model: v.optional(FileRef) }), ProjectFound);

/** Keeps the sitting as it stands, in case of a crash. `project`: the file that it was opened from or saved to. */
export const sittingKeep = method('sitting.keep', v.object({ content: ProjectContent, project: v.nullable(FileRef) }), v.object({ sitting: v.string() }));
export const SittingView = v.object({ sitting: v.string(), savedAt: v.number(), model: v.string(), runs: v.number(), project: v.nullable(FileRef) });
export type SittingView = v.InferOutput<typeof SittingView>;
/** The newest sitting that ended without being saved or given up. `mine`: one that this page kept, also where its engine seems to live. */
export const sittingFind = method('sitting.find', v.object({ mine: v.optional(v.string()) }), v.object({ found: v.nullable(SittingView) }));
export const sittingOpen = method('sitting.open', v.object({ sitting: v.string(), model: v.optional(FileRef) }), ProjectFound);
/** Forgets a sitting; this engine's own where none is named. Unknown ones are no error. */
export const sittingDrop = method('sitting.drop', v.object({ sitting: v.optional(v.string()) }), v.object({}));
