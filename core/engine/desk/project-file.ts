// A project as text, and back. What is read was written by anybody: every field is checked, and nothing is opened here.
import * as v from 'valibot';
import { decodeMessage, encodeMessage, projectOf, RunView } from '../../contract/index.ts';
import { RequantError } from '../../errors/index.ts';
import { VERSION } from '../version.ts';

/** 128 MiB: a hundred runs of a network of ten thousand nodes stay below it. */
export const PROJECT_LIMIT = 2 ** 27;
const FORMAT = 'requant-project';
const NEWEST = 1;

export const FileOnDisk = v.object({
  name: v.pipe(v.string(), v.maxLength(4096)),
  /** Null: it was uploaded, and there is no telling where it is now. */
  path: v.nullable(v.pipe(v.string(), v.maxLength(4096))),
  /** Only in a kept sitting: its path is a temporary place. */
  uploaded: v.optional(v.boolean()),
  size: v.pipe(v.number(), v.integer(), v.minValue(0)),
  sha256: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
});
export type FileOnDisk = v.InferOutput<typeof FileOnDisk>;

const Head = v.object({ format: v.literal(FORMAT), version: v.pipe(v.number(), v.integer(), v.minValue(1)) });
export const ProjectOnDisk = v.object({
  savedBy: v.string(),
  savedAt: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** The folder that the project was saved in, by which files are found that moved together with it; null for a download. */
  folder: v.nullable(v.string()),
  ...projectOf(FileOnDisk, RunView).entries,
});
export type ProjectOnDisk = v.InferOutput<typeof ProjectOnDisk>;

export function projectBytes(project: Omit<ProjectOnDisk, 'savedBy' | 'savedAt'>): Uint8Array {
  return new TextEncoder().encode(`${encodeMessage({ format: FORMAT, version: NEWEST, savedBy: VERSION, savedAt: Date.now(), ...project })}\n`);
}

/** Raises FORMAT_CORRUPT, naming the field, and FORMAT_UNSUPPORTED for a version that is not known here. */
export function parseProject(bytes: Uint8Array, file: string): ProjectOnDisk {
  let document: unknown;
  try { document = decodeMessage(new TextDecoder('utf-8', { fatal: true }).decode(bytes)); }
  catch (cause) { throw new RequantError('FORMAT_CORRUPT', 'it is no project file: it is not JSON', { file }, { cause }); }
  const head = v.safeParse(Head, document);
  if (!head.success) throw new RequantError('FORMAT_CORRUPT', 'it is no project file of Requant', { file });
  if (head.output.version > NEWEST) {
    throw new RequantError('FORMAT_UNSUPPORTED', `it has version ${head.output.version} of the project format; this Requant reads up to ${NEWEST}`, { file }, { hint: 'Open it with a newer Requant.' });
  }
  const parsed = v.safeParse(ProjectOnDisk, document, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new RequantError('FORMAT_CORRUPT', `the project's field ${v.getDotPath(issue) ?? '?'} is not valid: ${issue.message}`, { file }, { hint: 'The file was damaged or edited by hand; open an older copy of it.' });
}
