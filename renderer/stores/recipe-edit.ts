// The rules of a recipe: what a node will run at, and what changes when a person picks a precision. Pure functions.
import { PRESET_RECIPES, type NodeChoice, type NodeView, type Recipe } from '../../core/contract/index.ts';

/** What a node can be set to. `float` is called "unquantized" in a recipe. */
export type ChosenPrecision = 'int8' | 'int16' | 'float';
export const CHOICES: readonly ChosenPrecision[] = ['int8', 'int16', 'float'];

/** The precision that a node takes when nobody chose for it: the preset's, or the one it can do; float off the accelerator. */
export function presetPrecision(node: NodeView, preset: Recipe['preset']): ChosenPrecision {
  if (node.precisions.includes(preset)) return preset;
  return node.precisions[0] ?? 'float';
}

/** The precision that the next run will use for this node. */
export function chosenPrecision(node: NodeView, recipe: Recipe): ChosenPrecision {
  if (node.precisions.length === 0 || recipe.armOnly) return 'float';
  const choice = recipe.nodes[node.name];
  if (choice?.unquantized) return 'float';
  return choice?.precision ?? presetPrecision(node, recipe.preset);
}

/** Why a node cannot take a precision, or null when it can. */
export function whyNot(node: NodeView, choice: ChosenPrecision): string | null {
  if (node.precisions.length === 0) return choice === 'float' ? null : `Runs in float on the ${node.unit}: ${node.reason ?? 'not an integer operator'}`;
  if (choice === 'float' || node.precisions.includes(choice)) return null;
  return `${node.op} exists only at ${node.precisions.join(' and ')}`;
}

const readers = new WeakMap<readonly NodeView[], ReadonlyMap<string, readonly NodeView[]>>();

/** The values that a node produces. */
export const valuesOf = ({ output, further = [] }: NodeView): readonly string[] => [output, ...further.map(({ value }) => value)];

/** Nodes that read a value, in execution order; indexed once for a list of nodes. */
export function readersOf(nodes: readonly NodeView[], value: string): readonly NodeView[] {
  let index = readers.get(nodes);
  if (!index) {
    const made = new Map<string, NodeView[]>();
    for (const node of nodes) for (const input of new Set(node.inputs)) {
      const list = made.get(input);
      if (list) list.push(node);
      else made.set(input, [node]);
    }
    readers.set(nodes, (index = made));
  }
  return index.get(value) ?? [];
}

/** Why a node cannot give its accumulators as int32, or null when it can. `nodes` are all nodes of the model. */
export function whyNotInt32(node: NodeView, recipe: Recipe, nodes: readonly NodeView[]): string | null {
  if (!node.canOutputInt32) return 'This node has no accumulators to hand out as int32';
  switch (chosenPrecision(node, recipe)) {
    case 'float': return 'A float node has no integer accumulators';
    case 'int16': return 'An int16 node sums in 64 bits; only an int8 node can hand out int32';
    case 'int8': {
      const reader = readersOf(nodes, node.output).find((other) => chosenPrecision(other, recipe) !== 'float');
      return reader ? `${reader.name} reads the result as integers; int32 is for the last integer node` : null;
    }
  }
}

const isEmpty = (choice: NodeChoice): boolean => choice.precision === undefined && !choice.unquantized && !choice.outputInt32;

/** `recipe` with `change` applied to one node's choice; a choice that says nothing is removed. */
function withChoice(recipe: Recipe, name: string, change: (choice: NodeChoice) => NodeChoice): Recipe {
  const choice = change(recipe.nodes[name] ?? {});
  const { [name]: _, ...others } = recipe.nodes;
  return { ...recipe, nodes: isEmpty(choice) ? others : { ...others, [name]: choice } };
}

/** Sets nodes to a precision; nodes that cannot take it are left alone. The preset's own precision removes the override. */
export function withPrecision(recipe: Recipe, nodes: readonly NodeView[], to: ChosenPrecision): Recipe {
  let next = recipe;
  for (const node of nodes) {
    if (whyNot(node, to) !== null || node.precisions.length === 0) continue;
    next = withChoice(next, node.name, ({ outputInt32 }) => {
      if (to === 'float') return { unquantized: true };
      const int32 = outputInt32 && to === 'int8' ? { outputInt32 } : {};
      return to === presetPrecision(node, recipe.preset) ? int32 : { precision: to, ...int32 };
    });
  }
  return next;
}

/** Turns int32 output on for all of `nodes` that can, or off where all of them had it. `all` are the nodes of the model. */
export function withInt32Toggled(recipe: Recipe, nodes: readonly NodeView[], all: readonly NodeView[]): Recipe {
  const able = nodes.filter((node) => whyNotInt32(node, recipe, all) === null);
  const on = !able.every((node) => recipe.nodes[node.name]?.outputInt32);
  let next = recipe;
  for (const node of able) {
    next = withChoice(next, node.name, ({ outputInt32: _, ...rest }) => (on ? { ...rest, outputInt32: true } : rest));
  }
  return next;
}

/** Another preset: overrides that now say the same as the preset are dropped. */
export function withPreset(recipe: Recipe, preset: Recipe['preset'], nodes: readonly NodeView[]): Recipe {
  let next: Recipe = { ...recipe, preset, biasCorrection: PRESET_RECIPES[preset].biasCorrection };
  for (const node of nodes) {
    if (next.nodes[node.name]?.precision !== presetPrecision(node, preset)) continue;
    next = withChoice(next, node.name, ({ precision: _, ...rest }) => rest);
  }
  return next;
}

/** `recipe` for this model: choices for nodes that it lacks, or that they cannot take, are dropped. */
export function fitRecipe(recipe: Recipe, nodes: readonly NodeView[]): Recipe {
  const known = new Map(nodes.map((node) => [node.name, node]));
  const kept = Object.entries(recipe.nodes).filter(([name, choice]) => {
    const node = known.get(name);
    return node !== undefined && (choice.precision === undefined || node.precisions.includes(choice.precision));
  });
  return { ...recipe, nodes: Object.fromEntries(kept) };
}

/** Whether two recipes ask for the same: neither the order of keys nor what is off rather than absent makes a difference. */
export const sameRecipe = (a: Recipe, b: Recipe): boolean => inOrder(a) === inOrder(b);
const inOrder = (recipe: Recipe): string => JSON.stringify(recipe, (_, value: unknown) => (typeof value === 'object' && value !== null
  ? Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined && each !== false).sort(([a], [b]) => (a < b ? -1 : 1))) : value));

/** The recipe in a few words, for lists. */
export function recipeText(recipe: Recipe): string {
  if (recipe.armOnly) return 'float only';
  const overrides = Object.values(recipe.nodes);
  const count = (test: (choice: NodeChoice) => boolean): number => overrides.filter(test).length;
  const parts = [
    [count((c) => c.precision === 'int16'), 'int16'], [count((c) => c.precision === 'int8'), 'int8'],
    [count((c) => c.unquantized === true), 'float'], [count((c) => c.outputInt32 === true), 'int32 out'],
  ] as const;
  const changed = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return [recipe.preset, ...changed].join(' + ');
}

const CHOICE_TEXT: Readonly<Record<Exclude<keyof Recipe, 'nodes'>, string>> = {
  preset: 'preset', calibration: 'calibration', weights: 'weights', activations: 'activations', requantization: 'requantization', biasCorrection: 'bias correction', against: 'what errors are measured against',
  channelEqualization: 'channel equalization', weightRounding: 'rounding of weights', armOnly: 'ARM only',
};
const choiceText = (choice: NodeChoice | undefined): string =>
  choice?.unquantized ? 'float' : [choice?.precision, choice?.outputInt32 && 'int32 output'].filter(Boolean).join(', ') || "the preset's precision";

/** What was changed, in a few words: `int16 for 3 nodes`. */
export function changeText(before: Recipe, after: Recipe): string {
  const general = (Object.keys(CHOICE_TEXT) as (keyof typeof CHOICE_TEXT)[]).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key])).map((key) => CHOICE_TEXT[key]);
  const names = [...new Set([...Object.keys(before.nodes), ...Object.keys(after.nodes)])].filter((name) => JSON.stringify(before.nodes[name]) !== JSON.stringify(after.nodes[name]));
  if (general.length === 0 && names.length > 0) {
    const texts = new Set(names.map((name) => choiceText(after.nodes[name])));
    const [first = ''] = texts;
    return `${texts.size === 1 ? first : 'choices'} for ${names.length === 1 ? names[0] : `${names.length} nodes`}`;
  }
  return general.length > 2 ? 'configuration' : [...general, ...(names.length > 0 ? ['choices of nodes'] : [])].join(', ');
}
