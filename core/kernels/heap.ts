// Blocks of the kernels' memory: first fit among the free ones, neighbours merged; the memory grows where none fits.
import { RequantError } from '../errors/index.ts';
import type { SharedMemory } from './webassembly.ts';

const PAGE = 65536;
const ALIGNMENT = 64;
/** Vectors may read this far beyond a block's end. */
const SLACK = 128;

export interface Heap {
  /** Address of a fresh block. Raises BUDGET_EXCEEDED when the memory cannot grow so far. */
  allocate(bytes: number): number;
  free(address: number): void;
  /** Bytes in use, slack included. */
  readonly used: number;
}

interface Block {
  address: number;
  bytes: number;
}

/** The heap starts behind the first page, which holds control words. */
export function createHeap(memory: SharedMemory): Heap {
  const free: Block[] = [];
  const taken = new Map<number, number>();
  let end = PAGE;
  let used = 0;

  const grow = (bytes: number): Block => {
    const last = free.at(-1);
    const reuse = last && last.address + last.bytes === end ? last : undefined;
    const missing = bytes - (reuse?.bytes ?? 0);
    const pages = Math.ceil((end + missing - memory.buffer.byteLength) / PAGE);
    if (pages > 0) {
      try { memory.grow(pages); }
      catch (cause) { throw new RequantError('BUDGET_EXCEEDED', `the integer kernels need ${Math.ceil(bytes / 2 ** 20)} MiB more, and their memory cannot grow so far`, {}, { cause }); }
    }
    if (reuse) free.pop();
    const block = { address: reuse?.address ?? end, bytes };
    end = block.address + bytes;
    return block;
  };

  return {
    get used() { return used; },
    allocate: (wanted) => {
      const bytes = Math.ceil((wanted + SLACK) / ALIGNMENT) * ALIGNMENT;
      const at = free.findIndex((block) => block.bytes >= bytes);
      const found = free[at];
      let address: number;
      if (found) {
        address = found.address;
        if (found.bytes === bytes) free.splice(at, 1);
        else { found.address += bytes; found.bytes -= bytes; }
      } else {
        address = grow(bytes).address;
      }
      taken.set(address, bytes);
      used += bytes;
      return address;
    },
    free: (address) => {
      const bytes = taken.get(address);
      if (bytes === undefined) throw new RequantError('INTERNAL', `the kernels' memory has no block at ${address}`);
      taken.delete(address);
      used -= bytes;
      let at = free.findIndex((block) => block.address > address);
      if (at < 0) at = free.length;
      const before = free[at - 1];
      const after = free[at];
      const joinsBefore = before !== undefined && before.address + before.bytes === address;
      const joinsAfter = after !== undefined && address + bytes === after.address;
      if (joinsBefore) {
        before.bytes += bytes + (joinsAfter ? after.bytes : 0);
        if (joinsAfter) free.splice(at, 1);
      } else if (joinsAfter) {
        after.address = address;
        after.bytes += bytes;
      } else {
        free.splice(at, 0, { address, bytes });
      }
    },
  };
}
