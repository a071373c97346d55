// Files that the user chooses, drops or saves to. Main knows the path, the engine keeps it, the page gets a FileRef.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { app, BrowserWindow, dialog, ipcMain, type FileFilter, type IpcMainInvokeEvent } from 'electron';
import { FILE_KINDS, isProjectName, type FileKind } from '../core/contract/index.ts';
import { listImages } from '../core/engine/host.ts';
import { RequantError } from '../core/errors/index.ts';
import type { Invocations, Reply } from './channels.ts';
import type { Engine } from './engine.ts';
import { isTrusted } from './security.ts';

const EVERYTHING: FileFilter = { name: 'All files', extensions: ['*'] };
const FILTERS: Readonly<Record<FileKind, FileFilter[]>> = {
  model: [{ name: 'Models and projects', extensions: ['onnx', 'tflite', 'pb', 'requant'] }, EVERYTHING],
  project: [{ name: 'Projects', extensions: ['requant'] }],
  data: [{ name: 'Arrays', extensions: ['npz', 'npy', 'raw', 'bin'] }, EVERYTHING],
  images: [],
  labels: [{ name: 'Labels', extensions: ['csv', 'npy'] }, EVERYTHING],
};
const TITLES: Readonly<Record<FileKind, string>> = {
  model: 'Open', project: 'Open Project', data: 'Open Data', images: 'Open Folder of Images', labels: 'Open Labels',
};

export function serveFiles(engine: Engine): void {
  answer('requant:choose-files', async (event, kind) => {
    if (!FILE_KINDS.includes(kind)) throw new RequantError('MESSAGE_INVALID', `there is no kind of file ${kind}`);
    const { canceled, filePaths } = await dialog.showOpenDialog(windowOf(event), {
      title: TITLES[kind],
      filters: FILTERS[kind],
      properties: [kind === 'images' ? 'openDirectory' : 'openFile'],
    });
    const chosen = filePaths[0];
    if (canceled || chosen === undefined) return [];
    if (kind === 'images') return Promise.all((await listImages(chosen)).map((image) => engine.grant(image.path, image.name)));
    if (kind === 'model' || kind === 'project') app.addRecentDocument(chosen);
    return [await engine.grant(chosen)];
  });
  answer('requant:grant-dropped', async (_event, dropped) => {
    // Empty where the page made the File itself: webUtils.getPathForFile knows only files that the user dropped.
    if (typeof dropped !== 'string' || !path.isAbsolute(dropped)) throw new RequantError('FILE_NOT_FOUND', 'What was dropped is not a file on this machine');
    if ((await stat(dropped)).isDirectory()) throw new RequantError('FILE_UNREADABLE', 'A folder was dropped', {}, { hint: 'Open a folder of images from the data panel.' });
    return engine.grant(dropped);
  });
  answer('requant:choose-save-target', async (event, name) => {
    if (typeof name !== 'string') throw new RequantError('MESSAGE_INVALID', 'a file to save needs a name');
    const project = isProjectName(name);
    const { canceled, filePath } = await dialog.showSaveDialog(windowOf(event), {
      title: project ? 'Save Project' : 'Save Quantized Model',
      defaultPath: path.basename(name),
      filters: [project ? { name: 'Project', extensions: ['requant'] } : { name: 'Quantized model', extensions: ['sima'] }],
    });
    if (canceled || filePath === '') return null;
    // Some systems' dialogs leave the ending to the application.
    return engine.grant(project && !isProjectName(filePath) ? `${filePath}.requant` : filePath);
  });
}

/** Answers one invocation of the studio's own frame, errors included. */
function answer<C extends keyof Invocations>(
  channel: C,
  run: (event: IpcMainInvokeEvent, ...args: Invocations[C]['args']) => Promise<Invocations[C]['value']>,
): void {
  ipcMain.handle(channel, async (event, ...args): Promise<Reply<Invocations[C]['value']>> => {
    if (!isTrusted(event)) return { ok: false, message: 'This frame may not ask for files.' };
    try {
      return { ok: true, value: await run(event, ...(args as Invocations[C]['args'])) };
    } catch (error) {
      return { ok: false, message: RequantError.from(error).line };
    }
  });
}

function windowOf(event: IpcMainInvokeEvent): BrowserWindow {
  const window = BrowserWindow.fromWebContents(event.sender);
  if (!window) throw new RequantError('INTERNAL', 'a dialog was asked for without a window');
  return window;
}
