// MessagePortMain and MessageChannelMain, and what happens to a port that is handed to a page or to a utility process.
import { EventEmitter } from 'node:events';

/** Where a port's messages go once it has left this process. */
export interface Sink { post(data: unknown): void; close(): void }

export class MessagePortMain extends EventEmitter {
  #peer: MessagePortMain | null = null;
  #sink: Sink | null = null;
  #queue: { readonly data: unknown; readonly ports: readonly MessagePortMain[] }[] = [];
  #started = false;
  #closed = false;

  static pair(): [MessagePortMain, MessagePortMain] {
    const [a, b] = [new MessagePortMain(), new MessagePortMain()];
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  postMessage(message: unknown, transfer: readonly MessagePortMain[] = []): void {
    if (this.#sink) throw new Error('The port was handed over');
    if (transfer.length > 0) throw new TypeError('The stand-in carries no ports over ports');
    if (!this.#closed && this.#peer) this.#peer.#deliver(structuredClone(message));
  }
  start(): void { this.#started = true; this.#flush(); }
  close(): void {
    if (this.#closed) return;
    this.#end();
    if (this.#peer) this.#peer.#end();
  }

  /** For the stand-in: hand this port over to `sink`, and take in what comes back. */
  readonly standin = {
    handOver: (sink: Sink): void => {
      if (this.#sink) throw new Error('The port was handed over already');
      this.#sink = sink;
      this.#flush();
      if (this.#closed) sink.close();
    },
    arrived: (data: unknown): void => { if (!this.#closed && this.#peer) this.#peer.#deliver(data); },
    closedThere: (): void => {
      if (this.#closed) return;
      this.#closed = true;
      if (this.#peer) this.#peer.#end();
    },
  };

  #deliver(data: unknown): void {
    if (this.#closed) return;
    this.#queue.push({ data, ports: [] });
    this.#flush();
  }
  /** Later, so that the message which hands the port over goes first. */
  #flush(): void {
    if (!this.#sink && !this.#started) return;
    setImmediate(() => {
      for (const event of this.#queue.splice(0)) {
        if (this.#sink) this.#sink.post(event.data);
        else this.emit('message', event);
      }
    });
  }
  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    setImmediate(() => { if (this.#sink) this.#sink.close(); else this.emit('close'); });
  }
}

export class MessageChannelMain {
  readonly port1: MessagePortMain;
  readonly port2: MessagePortMain;
  constructor() { [this.port1, this.port2] = MessagePortMain.pair(); }
}

export type PortMessage = { readonly t: 'port'; readonly id: number; readonly data: unknown } | { readonly t: 'port-closed'; readonly id: number };
export interface RemotePorts {
  /** Hands `port` over; the far side knows it by the number. */
  give(port: MessagePortMain): number;
  receive(message: PortMessage): void;
  /** The far side is gone, and its ports with it. */
  closeAll(): void;
  readonly count: () => number;
}

/** The ports that one page or one utility process holds. */
export function remotePorts(tell: (message: PortMessage) => void): RemotePorts {
  const held = new Map<number, MessagePortMain>();
  let last = 0;
  return {
    give: (port) => {
      const id = ++last;
      held.set(id, port);
      port.standin.handOver({ post: (data) => tell({ t: 'port', id, data }), close: () => { held.delete(id); tell({ t: 'port-closed', id }); } });
      return id;
    },
    receive: (message) => {
      const port = held.get(message.id);
      if (message.t === 'port') return port?.standin.arrived(message.data);
      held.delete(message.id);
      port?.standin.closedThere();
    },
    closeAll: () => {
      for (const port of held.values()) port.standin.closedThere();
      held.clear();
    },
    count: () => held.size,
  };
}
