// A float network as ONNX files, for the values that are wanted: one file, or several that run in turn where a part of it is an ONNX model of its own.
// Plain data: it may be opened on another thread.
import { emitFloatGraph, onnxFile, type EmittedGraph, type EmittedPort } from '../emit/index.ts';
import { RequantError } from '../errors/index.ts';
import { producersOf, type Graph, type Node, type Port } from '../ir/index.ts';
import { readIsland, type IslandDoor } from '../onnx/index.ts';
import { nodeView, operator } from '../ops/index.ts';
import { QUIET_OUTPUT } from './quiet.ts';

/** What a session runs: its name for errors, and its doors in order. */
export interface Doors extends Pick<EmittedGraph, 'name' | 'inputs' | 'outputs'> {
  /** It has the extra output of quiet.ts, before all others. */
  readonly quiet?: boolean;
}

export interface FloatFile {
  readonly bytes: Uint8Array;
  readonly doors: Doors;
}

export interface FloatProgram {
  readonly wanted: readonly string[];
  /** In order of execution; none where nothing is wanted: ONNX Runtime takes no graph without nodes. */
  readonly files: readonly FloatFile[];
}

/** What gives memory for a file. */
export type Allocate = (bytes: number) => Uint8Array;

/** Files that are written here lie in memory that `allocate` gives. Raises MODEL_INVALID for a value that nothing computes. */
export function floatProgram(graph: Graph, wanted: readonly string[], allocate?: Allocate): FloatProgram {
  if (wanted.length === 0) return { wanted, files: [] };
  const stages = stagesOf(graph, wanted);
  const whole = stages.every((stage) => stage.model === undefined);
  return { wanted, files: whole ? [emitted(emitFloatGraph(graph, wanted), allocate)] : stages.map((stage) => fileOf(graph, stage, allocate)) };
}

const emitted = (graph: EmittedGraph, allocate?: Allocate): FloatFile => ({ bytes: onnxFile(graph, QUIET_OUTPUT, allocate), doors: { name: graph.name, inputs: graph.inputs, outputs: graph.outputs, quiet: true } });

/** Nodes that run in one session: any that do not wait for another session, or one that is a model of its own. */
interface Stage {
  readonly nodes: readonly Node[];
  readonly model?: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** In order of execution; only what the wanted values need. */
function stagesOf(graph: Graph, wanted: readonly string[]): readonly Stage[] {
  const producers = producersOf(graph.nodes);
  const needed = new Set(wanted);
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) needed.add(input);
  }
  nodes.reverse();
  const models = new Map(nodes.map((node) => [node, modelOf(graph, node)] as const));
  const depths = new Map<Node, number>();
  for (const node of nodes) {
    const alone = models.get(node) !== undefined;
    depths.set(node, node.inputs.reduce((depth, input) => {
      const before = producers.get(input);
      return before ? Math.max(depth, (depths.get(before) ?? 0) + (alone || models.get(before) ? 1 : 0)) : depth;
    }, 0));
  }
  const groups: { readonly nodes: readonly Node[]; readonly model?: Uint8Array }[] = [];
  for (const depth of [...new Set(depths.values())].sort((a, b) => a - b)) {
    const here = nodes.filter((node) => depths.get(node) === depth);
    const plain = here.filter((node) => models.get(node) === undefined);
    if (plain.length > 0) groups.push({ nodes: plain });
    for (const node of here) { const model = models.get(node); if (model) groups.push({ nodes: [node], model }); }
  }
  return groups.map((group) => {
    const inside = new Set(group.nodes);
    const made = new Set(group.nodes.flatMap((node) => node.outputs));
    const read = new Set(group.nodes.flatMap((node) => node.inputs).filter((name) => graph.values.has(name) && !made.has(name)));
    const asked = new Set([...wanted, ...nodes.flatMap((node) => (inside.has(node) ? [] : node.inputs))]);
    return { ...group, inputs: [...read], outputs: [...made].filter((name) => asked.has(name)) };
  });
}

function modelOf(graph: Graph, node: Node): Uint8Array | undefined {
  const view = nodeView(graph, node);
  return operator(node.op, view.where).model?.(view);
}

function fileOf(graph: Graph, { nodes, model, inputs, outputs }: Stage, allocate?: Allocate): FloatFile {
  const port = (name: string): Port => {
    const value = graph.values.get(name);
    if (!value) throw new RequantError('MODEL_INVALID', 'nothing computes it', { tensor: name });
    return { ...value, value: name };
  };
  if (!model) return emitted(emitFloatGraph({ ...graph, nodes, inputs: inputs.map(port) }, outputs), allocate);
  const [node] = nodes;
  const name = node?.outputs[0] ?? graph.name;
  const island = readIsland(model, { node: name });
  const door = (names: readonly string[]) => ({ name: onnx }: IslandDoor, i: number): EmittedPort => {
    const { value, dtype, shape } = port(names[i] ?? '');
    return { value, dtype, shape, onnx };
  };
  return { bytes: model, doors: { name, inputs: island.inputs.map(door(node?.inputs ?? [])), outputs: island.outputs.map(door(node?.outputs ?? [])) } };
}
