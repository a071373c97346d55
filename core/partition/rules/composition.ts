// Elementwise operators that together compute a function with a name (x * sigmoid(x) is silu) become that function: one table that is
// rounded once instead of several integer operators. What a group computes is told by evaluating it, so that every way to write it counts.
import type { Node } from '../../ir/index.ts';
import { ELEMENTWISE_FUNCTIONS, elementwiseFunction, nodeView, operatorOf, type FunctionName } from '../../ops/index.ts';
import { sameShape, sizeOf } from '../../tensor/tensor.ts';
import type { Rewrite, RewriteContext, Rule } from '../rewrite.ts';

type Parameters = Readonly<Record<string, number>>;
/** Functions to look for: those of the table with their defaults, and silu as gelu's stand-in. */
const CANDIDATES: readonly (readonly [FunctionName, Parameters])[] = [
  ...ELEMENTWISE_FUNCTIONS.map((name) => [name, {}] as const), ['silu', { alpha: 1.702 }],
];
/** Where they are compared: irregular, dense where functions bend, and far out, where a clamp of the group would show. */
const POINTS: readonly number[] = [
  ...Array.from({ length: 61 }, (_, i) => { const t = (i - 30) / 30; return 0.0137 + 3.1 * t + 6.3 * t ** 3; }),
  ...[20, 40, 80, 160, 320, 640].flatMap((far) => [-far, far]),
];
/** Constants in files are float32 and often written with six digits. */
const TOLERANCE = 1e-5;
/** No named function takes more operators than this (gelu by tanh takes nine). */
const LARGEST_GROUP = 12;

const agrees = (a: number, b: number): boolean => Object.is(a, b) || a === b || Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b));

function functionOf(group: (x: number) => number): readonly [FunctionName, Parameters] | undefined {
  const values = POINTS.map(group);
  return CANDIDATES.find(([name, given]) => {
    const { real, parameters } = elementwiseFunction(name);
    return POINTS.every((x, i) => agrees(values[i] ?? NaN, real(x, { ...parameters, ...given })));
  });
}

/** One number, whatever its shape: the constant operand of an elementwise function. */
const numberOf = (name: string, context: RewriteContext): number | undefined => {
  const constant = context.constants.get(name);
  return constant && sizeOf(constant.shape) === 1 ? Number(constant.data[0]) : undefined;
};
const activations = (node: Node, context: RewriteContext): readonly string[] => node.inputs.filter((name) => !context.constants.has(name));

/** May the node be part of a group: elementwise, its constants single numbers, its activations as large as its output. */
function joins(node: Node | undefined, context: RewriteContext): node is Node {
  if (!node || !operatorOf(node).real) return false;
  const shape = context.values.get(node.outputs[0] ?? '')?.shape ?? [];
  return node.inputs.every((name) => context.constants.has(name) ? numberOf(name, context) !== undefined : sameShape(context.values.get(name)?.shape ?? [], shape));
}

/** The group's value for a value of `source`. */
function evaluate(last: string, source: string, group: ReadonlyMap<string, Node>, context: RewriteContext): (x: number) => number {
  const at = (name: string): ((x: number) => number) => {
    if (name === source) return (x) => x;
    const node = group.get(name);
    if (!node) { const number = numberOf(name, context) ?? NaN; return () => number; }
    const real = operatorOf(node).real?.(nodeView(context, node));
    const inputs = node.inputs.map(at);
    return (x) => real?.(...inputs.map((input) => input(x))) ?? NaN;
  };
  return at(last);
}

export const nameComposition: Rule = {
  name: 'one elementwise function instead of the operators that make it up',
  apply: (node, context): Rewrite | undefined => {
    const [output = ''] = node.outputs;
    if (!joins(node, context)) return undefined;
    const group = new Map([[output, node]]);
    let frontier = new Set(activations(node, context));
    for (;;) {
      const [source = ''] = frontier;
      // One operator alone is worth a table only where it reads the same value twice.
      if (frontier.size === 1 && (group.size > 1 || activations(node, context).length > 1)) {
        const found = functionOf(evaluate(output, source, group, context));
        if (found) return asFunction(node, source, [...group.values()], found);
      }
      const next = [...frontier].find((value) => context.isPrivate(value) && joins(context.producer(value), context));
      const producer = next === undefined ? undefined : context.producer(next);
      if (next === undefined || !producer || group.size === LARGEST_GROUP) return undefined;
      group.set(next, producer);
      frontier = new Set([...[...frontier].filter((value) => value !== next), ...activations(producer, context)]);
    }
  },
};

function asFunction(last: Node, source: string, group: readonly Node[], [name, parameters]: readonly [FunctionName, Parameters]): Rewrite {
  const absorbs = group.filter((node) => node !== last);
  const sources = [...absorbs.reverse(), last].flatMap((node) => node.sources);
  return { kind: 'merge', absorbs, node: { op: 'udf', attrs: { function: name, parameters }, inputs: [source], outputs: last.outputs, sources } };
}
