// A slice: neighbouring nodes that run on the kernels as one program, in one planned piece of memory. Values enter and leave by copy.
import { RequantError } from '../../errors/index.ts';
import type { QuantizedGraph, QuantizedNode } from '../../ir/index.ts';
import type { Instruction, Kernels, Program } from '../../kernels/index.ts';
import { allocate, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { bytesOfValue, PIECE, piecesOf, widthOf, type Lowered, type Stored } from './lowering.ts';
import { place, type Lifetime } from './placement.ts';

/** A node with what it was lowered to. */
export interface LoweredNode {
  readonly node: QuantizedNode;
  readonly lowered: Lowered;
}

export interface Slice {
  readonly nodes: readonly LoweredNode[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Bytes that it needs at once. */
  readonly bytes: number;
  /** Its instructions, with `base` as the address of its memory. Chunks end where about CHUNK_COST was spent, so that a job can be cancelled. */
  readonly at: (base: number) => Located;
}
export interface Located {
  readonly instructions: readonly Instruction[];
  /** Indices of instructions at which a chunk ends, with the number of nodes done by then. */
  readonly chunks: readonly { readonly end: number; readonly nodes: number }[];
  readonly addressOf: (value: string) => number;
  readonly bad: number;
}

/** About 10 milliseconds of a core. */
const CHUNK_COST = 3e8;
/** Scratch begins on a cache line of its own for each thread. */
const LINE = 64;

export const storedOf = (graph: QuantizedGraph, name: string): Stored => {
  const value = graph.values.get(name);
  if (!value) throw new RequantError('MODEL_INVALID', 'it is not among the graph\'s values', { tensor: name });
  return value;
};

/** Among how many threads work is dealt out, and in how many pieces an instruction, if not in as many as its work asks for. */
export interface Dealing {
  readonly threads: number;
  readonly pieces?: number | undefined;
}

/** `needed`: values that are read outside or asked for. */
export function sliceOf(graph: QuantizedGraph, nodes: readonly LoweredNode[], needed: (value: string) => boolean, dealing: Dealing): Slice {
  const made = new Set(nodes.flatMap(({ node }) => node.outputs));
  const inputs = [...new Set(nodes.flatMap(({ node }) => node.inputs.filter((name) => !made.has(name))))];
  const outputs = [...made].filter(needed);
  /** A value that shares another's memory, by that other's name. */
  const roots = new Map<string, string>();
  const rootOf = (name: string): string => roots.get(name) ?? name;
  const lives: (Lifetime & { first: number; last: number })[] = [];
  const indexOf = new Map<string, number>();
  const open = (name: string, first: number): void => {
    indexOf.set(name, lives.length);
    lives.push({ bytes: bytesOfValue(storedOf(graph, name)), first, last: first });
  };
  const use = (name: string, step: number): void => {
    const life = lives[indexOf.get(rootOf(name)) ?? -1];
    if (!life) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { tensor: name });
    life.last = Math.max(life.last, step);
  };
  const temporaries: (readonly number[])[] = [];
  for (const name of inputs) open(name, -1);
  for (const [step, { node, lowered }] of nodes.entries()) {
    const [output = ''] = node.outputs;
    if (lowered.alias) roots.set(output, rootOf(node.inputs[0] ?? ''));
    else open(output, step);
    for (const name of node.inputs) use(name, step);
    temporaries.push((lowered.temporaries ?? []).map((bytes) => lives.push({ bytes, first: step, last: step }) - 1));
  }
  for (const name of outputs) use(name, nodes.length);
  const scratchBytes = Math.ceil(Math.max(0, ...nodes.map(({ lowered }) => lowered.scratchBytes ?? 0)) / LINE) * LINE;
  const planned = place(lives);
  const scratch = LINE;
  const buffers = scratch + scratchBytes * dealing.threads + LINE;
  return {
    nodes, inputs, outputs, bytes: buffers + planned.bytes,
    at: (base) => {
      const offset = (i: number | undefined): number => base + buffers + (planned.offsets[i ?? -1] ?? 0);
      const addressOf = (name: string): number => offset(indexOf.get(rootOf(name)));
      const instructions: Instruction[] = [];
      const chunks: { end: number; nodes: number }[] = [];
      let cost = 0;
      nodes.forEach(({ node, lowered }, i) => {
        const pieces = piecesOf(lowered.cost, PIECE.elements);
        instructions.push(...lowered.instructions({
          inputs: node.inputs.map(addressOf), output: addressOf(node.outputs[0] ?? ''),
          temporaries: (temporaries[i] ?? []).map(offset), scratch: base + scratch, bad: base,
        }).map((instruction) => ({ ...instruction, pieces: dealing.pieces ?? instruction.pieces ?? pieces })));
        cost += lowered.cost;
        if (cost < CHUNK_COST && i < nodes.length - 1) return;
        chunks.push({ end: instructions.length, nodes: i + 1 });
        cost = 0;
      });
      return { instructions, chunks, addressOf, bad: base };
    },
  };
}

/** Copies a tensor into the kernels' memory in the form in which kernels take it. */
export function copyIn(kernels: Kernels, address: number, t: Tensor, { shape, quantization }: Stored): void {
  const count = sizeOf(shape);
  if (t.data.length !== count || t.dtype !== (quantization?.dtype ?? 'float32')) {
    throw new RequantError('MODEL_INVALID', `${t.dtype} of ${t.data.length} elements came where ${quantization?.dtype ?? 'float32'} of ${count} was expected`);
  }
  const { buffer } = kernels.memory;
  if (quantization === null) new Float32Array(buffer, address, count).set(t.data as Float32Array);
  else if (widthOf(quantization) === 4) new Int32Array(buffer, address, count).set(t.data as Int32Array);
  else new Int16Array(buffer, address, count).set(t.data as Int8Array | Int16Array);
}

export function copyOut(kernels: Kernels, address: number, { shape, quantization }: Stored): Tensor {
  const count = sizeOf(shape);
  const { buffer } = kernels.memory;
  const dtype = quantization?.dtype ?? 'float32';
  const data = allocate(dtype, count);
  const source = quantization === null ? new Float32Array(buffer, address, count)
    : widthOf(quantization) === 4 ? new Int32Array(buffer, address, count) : new Int16Array(buffer, address, count);
  (data as Float32Array).set(source);
  return { dtype, shape, data };
}

/** Has a program's memory for as long as `work` takes. */
export function withProgram<T>(kernels: Kernels, instructions: readonly Instruction[], work: (program: Program) => T): T {
  const program = kernels.program(instructions);
  try { return work(program); } finally { kernels.release(program); }
}
