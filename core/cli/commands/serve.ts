// requant serve: the studio in a browser on this machine, for models on a server or in a container.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RequantError } from '../../errors/index.ts';
import { kindOfPath } from '../../tensor/files.ts';
import type { CliCommand } from '../command.ts';
import { port } from '../option-values.ts';

interface ServeOptions {
  readonly port: number;
  readonly sample?: true;
  readonly root?: string;
}

/** dist/core/cli/commands -> dist/renderer */
const STUDIO = fileURLToPath(new URL('../../../renderer', import.meta.url));

export const serve: CliCommand = {
  name: 'serve',
  summary: 'serve the studio to a browser on this machine',
  declare: (command) => {
    command
      .argument('[MODEL]', 'a .onnx, .tflite or frozen TensorFlow .pb file, or a .requant project, to start with')
      .option('--port <P>', 'port on 127.0.0.1 (default: a free one)', port, 0)
      .option('--sample', 'start with the built-in sample')
      .option('--root <FOLDER>', 'the folder that files are chosen from, and that saved projects may lie in (default: the current one)');
    command.addHelpText('after', '\nThe address that is printed holds a token; whoever has it can use the studio. Ctrl-C ends it.');
    return async ({ terminal, report }) => {
      const options = command.opts<ServeOptions>();
      const [model] = command.processedArgs as readonly (string | undefined)[];
      if (model !== undefined && options.sample) throw new RequantError('CONFIG_INVALID', 'MODEL and --sample exclude each other', {}, { hint: 'Give one of them.' });
      if (model !== undefined && await kindOfPath(model) !== 'file') throw new RequantError('FILE_UNREADABLE', 'it is a folder, not a model file', { file: model });
      const root = resolve(options.root ?? '.');
      if (await kindOfPath(root) !== 'folder') throw new RequantError('CONFIG_INVALID', 'the root must be a folder', { file: root });
      if (!existsSync(resolve(STUDIO, 'index.html'))) throw new RequantError('FILE_NOT_FOUND', 'the studio has not been built', { file: STUDIO }, { hint: 'Run `npm run build` once.' });
      const [{ createHost, defaultHome }, { startStudioServer }] = await Promise.all([import('../../engine/host.ts'), import('../server/server.ts')]);
      const host = createHost({ start: options.sample ? { kind: 'sample' } : model === undefined ? null : { kind: 'path', path: resolve(model) }, home: defaultHome(), root });
      const interrupted = new Promise<void>((done) => { terminal.onInterrupt(done); });
      const server = await startStudioServer({ host, root: STUDIO, port: options.port }).catch(async (error: unknown) => { await host.close(); throw error; });
      report({ url: server.url, port: server.port, token: server.token }, () => `Requant is at ${server.url}`);
      await interrupted;
      await server.close();
    };
  },
};
