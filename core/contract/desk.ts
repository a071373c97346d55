// Topic desk: what outlives a sitting. Recently opened files, settings, and the folder that `requant serve` lets its page choose from.
import * as v from 'valibot';
import { DEFAULT_MEMORY_BUDGET } from './run.ts';
import { method } from './method.ts';
import { FileRef } from './model.ts';

export const RecentView = v.object({
  file: FileRef,
  kind: v.picklist(['model', 'project']),
  /** The folder it lies in, as text for people. */
  place: v.string(),
  missing: v.boolean(),
});
export type RecentView = v.InferOutput<typeof RecentView>;
/** Files opened last, newest first. */
export const recentList = method('recent.list', v.object({}), v.object({ files: v.array(RecentView) }));
export const recentRemove = method('recent.remove', v.object({ file: FileRef }), v.object({ files: v.array(RecentView) }));

/** At most 1 TiB. */
export const MOST_MEMORY_MIB = 1024 * 1024;
export const MOST_THREADS = 128;
const whole = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
export const Settings = v.object({
  theme: v.picklist(['system', 'light', 'dark']),
  /** Threads that models opened from now on compute with; null: one for each core. */
  threads: v.nullable(whole(1, MOST_THREADS)),
  /** Measure a changed recipe at once, after a first run. */
  atOnce: v.boolean(),
  /** MiB of activations that the engine may keep for that. */
  memoryMiB: whole(0, MOST_MEMORY_MIB),
  /** Samples that a newly opened model is calibrated with; null: all. */
  calibrationSamples: v.nullable(whole(1, 1e9)),
  /** The error that is shown first. */
  metric: v.picklist(['psnr', 'mae', 'mse']),
});
export type Settings = v.InferOutput<typeof Settings>;
export const DEFAULT_SETTINGS: Settings = {
  theme: 'system', threads: null, atOnce: true, memoryMiB: DEFAULT_MEMORY_BUDGET / 2 ** 20, calibrationSamples: null, metric: 'psnr',
};
/** `cores`: threads where none are set. `kept` is false where there is no place to write them to. */
export const settingsRead = method('settings.read', v.object({}), v.object({ settings: Settings, cores: v.number(), kept: v.boolean() }));
export const settingsWrite = method('settings.write', v.object({ settings: Settings }), v.object({}));

export const FILE_KINDS = ['model', 'project', 'data', 'images', 'labels'] as const;
export type FileKind = (typeof FILE_KINDS)[number];
/** Endings by kind; `images` means a folder that holds them, `raw` the data files without a header. A model is chosen from models and projects alike. */
export const ENDINGS: Readonly<Record<FileKind | 'raw', readonly string[]>> = {
  model: ['.onnx', '.tflite', '.pb', '.requant'],
  project: ['.requant'],
  data: ['.npz', '.npy', '.raw', '.bin'],
  raw: ['.raw', '.bin'],
  images: ['.png', '.jpg', '.jpeg', '.bmp', '.gif', '.webp', '.tif', '.tiff'],
  labels: ['.csv', '.npy'],
};
export const endsAs = (name: string, kind: keyof typeof ENDINGS): boolean => ENDINGS[kind].some((ending) => name.toLowerCase().endsWith(ending));
export const isProjectName = (name: string): boolean => endsAs(name, 'project');

/** A place below the root folder: names with `/` between, '' for the root itself. What leads out of it is refused again, and for good, by the engine. */
const Inside = v.pipe(v.string(), v.maxLength(4096), v.check(
  (path) => path === '' || path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !/[\0\\]/.test(part)),
  'a path below the root folder is expected',
));
export const FolderEntry = v.object({ name: v.string(), kind: v.picklist(['folder', 'file']), size: v.number(), changed: v.number() });
export type FolderEntry = v.InferOutput<typeof FolderEntry>;
export const FolderView = v.object({
  /** What the root folder is called. */
  root: v.string(),
  folder: v.string(),
  entries: v.array(FolderEntry),
  /** Entries left out because there are too many. */
  more: v.number(),
  /** Files in this very folder that have the kind's endings. */
  fitting: v.number(),
});
export type FolderView = v.InferOutput<typeof FolderView>;
/** Folders, and files of `kind`, whose name contains `filter`. */
export const filesList = method('files.list', v.object({ folder: Inside, kind: v.picklist(FILE_KINDS), filter: v.optional(v.pipe(v.string(), v.maxLength(255))) }), FolderView);
/** Grants a file, or every image of a folder and below. */
export const filesChoose = method('files.choose', v.object({ path: Inside, kind: v.picklist(FILE_KINDS) }), v.object({ files: v.array(FileRef) }));
/** Grants a place to save to. `exists`: there is such a file already. */
export const filesTarget = method('files.target', v.object({ folder: Inside, name: v.pipe(v.string(), v.maxLength(255)) }), v.object({ file: FileRef, exists: v.boolean() }));
