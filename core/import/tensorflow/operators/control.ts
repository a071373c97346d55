// What passes a tensor on, and branches whose way is known at import: the dead side is never imported.
import type { Row, TensorflowOperator } from '../operator.ts';

export const identity: Row = (o) => { o.become(o.input(0)); };
export const identityN: Row = (o) => { o.inputs.forEach((_, i) => { o.become(o.input(i), i); }); };

/** Its default, unless the caller feeds it: then it is an input and no node is imported. */
export const placeholderWithDefault: Row = identity;

function decided(o: TensorflowOperator, i: number): boolean {
  const predicate = o.constantOf(o.input(i));
  if (!predicate) throw o.fail('which way it goes is decided while the network runs');
  return Number(predicate.data[0] ?? 0) !== 0;
}
/** The data come out at 0 where the predicate is false, at 1 where it is true. */
export const branch: Row = (o) => {
  const way = decided(o, 1) ? 1 : 0;
  o.kill(1 - way);
  o.become(o.input(0), way);
};
/** Gives what arrives and, second, which input that was. */
export const merge: Row = (o) => {
  const alive = o.inputs.filter((tensor) => !o.isDead(tensor));
  const [arrived] = alive;
  if (arrived === undefined || alive.length > 1) throw o.fail('loops and branches that are decided while the network runs are not supported');
  o.become(arrived);
  o.become(o.values('int32', [], [o.inputs.indexOf(arrived)]), 1);
};

/** Is the tensor drawn from [0, 1), scaled by one and shifted by nothing as TensorFlow's own random_uniform writes it? */
function isUniform(o: TensorflowOperator, tensor: string): boolean {
  const made = o.producer(tensor);
  if (made?.node.op === 'RandomUniform') return true;
  const neutral = made?.node.op === 'Mul' ? 1 : made && ADDITIONS.has(made.node.op) ? 0 : undefined;
  const [a = '', b = ''] = made?.inputs ?? [];
  return made !== undefined && neutral !== undefined && isNumber(o, b, (x) => x === neutral) && isUniform(made, a);
}
const ADDITIONS: ReadonlySet<string> = new Set(['Add', 'AddV2']);
const isNumber = (o: TensorflowOperator, tensor: string, test: (x: number) => boolean): boolean => {
  const t = o.build.entries.get(tensor);
  return t?.kind === 'constant' && t.tensor.data.length === 1 && test(Number(t.tensor.data[0]));
};

/** A dropout that keeps everything: floor(1 + random) is one, and so is random >= 0. Else `otherwise`. */
export const dropout = (otherwise: Row): Row => (o) => {
  const [x = '', y = ''] = o.inputs;
  if (o.node.op === 'Floor') {
    const sum = o.producer(x);
    const [a = '', b = ''] = sum && ADDITIONS.has(sum.node.op) ? sum.inputs : [];
    const random = isNumber(o, a, (keep) => keep === 1) ? b : isNumber(o, b, (keep) => keep === 1) ? a : undefined;
    if (random !== undefined && isUniform(o, random)) return o.become(o.values('float32', [], [1]));
  } else if (isUniform(o, x) && isNumber(o, y, (rate) => rate <= 0)) return o.become(o.values('bool', [], [1]));
  otherwise(o);
};
