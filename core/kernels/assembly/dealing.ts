// How the pieces of an instruction are dealt out to threads. Whoever is free takes the next piece, and whoever finishes the last one opens the next instruction:
// a thread that the system has put aside between two pieces is not waited for, and a slow one does less.

// Control words, each on a cache line of its own; CONTROL in ../instructions.ts knows those that JavaScript writes.
const DONE: usize = 1152, TICKET: usize = 1216, STATE: usize = 1280, SLEEPERS: usize = 1408;
/** What is to be run: address, number of instructions, serial number of the first. Written before its ticket. */
const PROGRAM: usize = 1344, COUNT: usize = 1348, FIRST: usize = 1352;
/**
 * The ticket is one word of 64 bits, so that no thread mixes up two instructions: from the lowest bit on, the serial number of the instruction that is open (32), how many
 * pieces it has, how many threads may take one, how many are taken from the front and how many from the back (8 each). No pieces: nothing is to be done.
 */
const PIECES: i64 = 32, LIMIT: i64 = 40, FRONT: i64 = 48, BACK: i64 = 56;
const RUNNING: i32 = 0;
/** Looks at a word before sleeping on it: about 50 microseconds, longer than most instructions' stragglers take. */
const SPINS: i32 = 20000;
/** Nanoseconds of one sleep, after which a thread looks whether all is well. */
const NAP: i64 = 100_000_000;

/** Serial number of the instruction that was last looked at, its pieces, and where it lies. */
export let serial: i32 = 0;
export let pieces: i32 = 0;
export let at: usize = 0;

/**
 * Takes a piece; -1 where none is left. Even threads take from the front and odd ones from the back, so that two threads mostly read what they wrote themselves one
 * instruction before.
 */
export function take(part: i32): i32 {
  while (true) {
    const ticket = atomic.load<i64>(TICKET);
    const taken = <i32>(ticket >> FRONT) & 255, back = <i32>(ticket >>> BACK);
    serial = <i32>ticket;
    pieces = <i32>(ticket >> PIECES) & 255;
    if (taken + back >= pieces || part >= (<i32>(ticket >> LIMIT) & 255)) return -1;
    if (atomic.cmpxchg<i64>(TICKET, ticket, ticket + (<i64>1 << (part & 1 ? BACK : FRONT))) !== ticket) continue;
    // Nobody passes this instruction while a piece of it is under way, so what it belongs to stays.
    at = load<u32>(PROGRAM) + (<usize>(serial - load<i32>(FIRST)) << 3);
    return part & 1 ? pieces - 1 - back : taken;
  }
}

/** Says that a piece is done. */
export function finished(): void {
  if (atomic.add<i32>(DONE, 1) !== pieces - 1) return;
  atomic.store<i32>(DONE, 0);
  open(serial + 1, (atomic.load<i64>(TICKET) >> LIMIT) & 255);
}

function open(next: i32, limit: i64): void {
  const i = next - load<i32>(FIRST);
  const pieces: i64 = i < load<i32>(COUNT) ? load<u8>(load<u32>(PROGRAM) + (<usize>i << 3), 1) : 0;
  atomic.store<i64>(TICKET, <i64><u32>next | pieces << PIECES | limit << LIMIT);
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(TICKET, -1);
}

/** Opens the first instruction; returns the serial number that stands when all are done. */
export function deal(program: usize, count: i32, threads: i32): i32 {
  const first = <i32>atomic.load<i64>(TICKET) + 1;
  store<i32>(PROGRAM, <i32>program);
  store<i32>(COUNT, count);
  store<i32>(FIRST, first);
  open(first, threads);
  return first + count;
}

/** Waits until another instruction is open than the one last looked at. False when the threads were told to stop. */
export function another(): bool {
  for (let i = 0; i < SPINS; i++) if (atomic.load<i32>(TICKET) !== serial) return true;
  while (atomic.load<i32>(TICKET) === serial) {
    if (atomic.load<i32>(STATE) !== RUNNING) return false;
    atomic.add<i32>(SLEEPERS, 1);
    atomic.wait<i32>(TICKET, serial, NAP);
    atomic.sub<i32>(SLEEPERS, 1);
  }
  return true;
}
