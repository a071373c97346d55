// utilityProcess: a real Node process that runs the real entry, with ports carried over the process's own channel.
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ForkOptions } from 'electron';
import { endings, lifecycle } from './app.ts';
import { remotePorts, type MessagePortMain, type PortMessage } from './ports.ts';

const ENTRY = fileURLToPath(new URL('./utility-entry.mjs', import.meta.url));
const alive = new Set<UtilityProcess>();
// As Electron does with what is left when it ends; it is over when they are.
endings.after.push(async () => {
  await Promise.all([...alive].map((one) => new Promise<void>((resolve) => { one.once('exit', () => { resolve(); }); one.kill(); })));
});

/** To the child: a message with its ports, or a port's own message. From it: a message, or a port's. */
type FromChild = { readonly t: 'message'; readonly data: unknown } | PortMessage;

export class UtilityProcess extends EventEmitter {
  #child: ChildProcess;
  #ports = remotePorts((message) => this.#tell(message));

  constructor(child: ChildProcess) {
    super();
    this.#child = child;
    alive.add(this);
    child.on('spawn', () => this.emit('spawn'));
    child.on('message', (message: FromChild) => {
      if (message.t === 'message') this.emit('message', message.data);
      else this.#ports.receive(message);
    });
    // Electron gives a number also where a signal ended the process.
    child.on('exit', (code) => { alive.delete(this); this.#ports.closeAll(); this.emit('exit', code ?? 15); });
  }
  get pid(): number | undefined { return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined; }
  postMessage(message: unknown, transfer: readonly MessagePortMain[] = []): void {
    this.#tell({ t: 'message', data: message, ports: transfer.map((port) => this.#ports.give(port)) });
  }
  kill(): boolean { return this.#child.kill(); }
  #tell(message: object): void { if (this.#child.connected) this.#child.send(message, () => undefined); }
}
export const utilityProcess = {
  fork: (entry: string, args: readonly string[] = [], _options: ForkOptions = {}): UtilityProcess => {
    if (!lifecycle.isReady()) throw new Error('utilityProcess cannot be created before app is ready');
    return new UtilityProcess(fork(ENTRY, [entry, ...args], { serialization: 'advanced', execArgv: [] }));
  },
};
/** The processes that run now. */
export const utilityProcesses = (): readonly UtilityProcess[] => [...alive];
