// Operators that opset 7 gave another meaning: a node of opset 6 is read where both opsets say the same of it. Source: Changelog.md of ONNX.
import { sameShape, sizeOf } from '../../../tensor/tensor.ts';
import type { OnnxOperator, Row } from '../operator.ts';
import { shapeOf } from './opaque-shapes.ts';

/** The second input repeats only where `broadcast` says so, and its dimensions may begin at `axis` of the first one's; since opset 7 they end together. */
const repeats: Row = (o) => {
  const [a, b] = [shapeOf(o, 0), shapeOf(o, 1)];
  if (sameShape(a, b)) return;
  if (o.int('broadcast', 0) !== 1) throw o.fail(`[${a.join(', ')}] and [${b.join(', ')}] do not go together without broadcast`);
  const axis = o.int('axis', a.length - b.length);
  if ((axis < 0 ? axis + a.length : axis) + b.length !== a.length) throw o.fail(`broadcasting from axis ${axis} is not supported`);
};
const inference: Row = (o) => {
  if (o.int('is_test', 0) !== 1) throw o.fail('it is in training mode');
  if (o.int('spatial', 1) !== 1) throw o.fail('statistics for each place are not supported');
};
/** One slope a channel lay along dimension 1; since opset 7 it lies as it broadcasts. */
const slopes: Row = (o) => {
  if (sizeOf(shapeOf(o, 1)) !== 1 && shapeOf(o, 0).length !== 2) throw o.fail('several slopes are not supported in opset 6');
};
const changed: Row = (o) => { throw o.fail('it changed its meaning in opset 7, and the file uses 6'); };

const FORMS: ReadonlyMap<string, Row> = new Map<string, Row>([
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Equal', 'Greater', 'Less'].map((type) => [type, repeats] as const),
  ['BatchNormalization', inference], ['Dropout', inference], ['PRelu', slopes],
  ...['Upsample', 'LSTM', 'GRU', 'RNN'].map((type) => [type, changed] as const),
]);

/** Raises OPERATOR_UNSUPPORTED where opset 7 would read the node otherwise than opset 6. */
export const checkOpset6 = (o: OnnxOperator): void => FORMS.get(o.type)?.(o);
