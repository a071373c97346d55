// Inside the process that stands in for a utility process: gives the real entry its process.parentPort, then runs it.
// Plain JavaScript, since Node 20 runs no TypeScript.
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';

const [, , entry, ...args] = process.argv;
process.argv.splice(1, Infinity, entry, ...args);

/** This side of a port of main: what is posted goes to main, which relays it. */
class Port extends EventEmitter {
  constructor(id) { super(); this.id = id; this.started = false; this.early = []; this.closed = false; }
  postMessage(data, transfer = []) {
    if (transfer.length > 0) throw new TypeError('The stand-in carries no ports over ports');
    if (!this.closed) process.send({ t: 'port', id: this.id, data });
  }
  start() {
    this.started = true;
    for (const data of this.early.splice(0)) this.emit('message', { data, ports: [] });
    if (this.closed) setImmediate(() => this.emit('close'));
  }
  close() { if (!this.closed) { this.closed = true; process.send({ t: 'port-closed', id: this.id }); this.emit('close'); } }
  arrived(data) { if (this.started) this.emit('message', { data, ports: [] }); else this.early.push(data); }
  /** Like a message, the end is told to a port that was started. */
  closedThere() { if (!this.closed) { this.closed = true; if (this.started) this.emit('close'); } }
}

const ports = new Map();
const early = [];
class ParentPort extends EventEmitter {
  postMessage(data) { process.send({ t: 'message', data }); }
}
const parentPort = new ParentPort();
// Messages wait for the first listener, as electron.d.ts says of ParentPort.
parentPort.on('newListener', (name) => {
  if (name === 'message') setImmediate(() => { for (const event of early.splice(0)) parentPort.emit('message', event); });
});
process.parentPort = parentPort;

process.on('message', (message) => {
  if (message.t === 'port') return ports.get(message.id)?.arrived(message.data);
  if (message.t === 'port-closed') return ports.get(message.id)?.closedThere();
  const handed = message.ports.map((id) => {
    const port = new Port(id);
    ports.set(id, port);
    return port;
  });
  const event = { data: message.data, ports: handed };
  if (parentPort.listenerCount('message') > 0 && early.length === 0) parentPort.emit('message', event);
  else early.push(event);
});
// Main died: nothing is left to serve.
process.on('disconnect', () => process.exit(1));

await import(pathToFileURL(entry).href);
