// Every form of Gemm and MatMul: imported with these operators, it computes what ONNX Runtime computes on the file.
import { describe, it } from 'vitest';
import { checkForm, noise, type Form } from '../../../test/onnx-form.ts';
import { node } from '../../../test/small-onnx.ts';
import type { Tensor } from '../../tensor/tensor.ts';

const check = checkForm(1e-5);
/** One node; x is the input of the network. */
const form = (name: string, input: readonly number[], output: readonly number[], inputs: readonly string[], ops: readonly string[], constants: Record<string, Tensor>, attributes: Parameters<typeof node>[3] = {}): Form =>
  ({ name: `${name} ${JSON.stringify(attributes)}`, input, output, ops, constants, nodes: [node(name, inputs, ['y'], attributes)] });
const gemm = (constants: Record<string, Tensor>, attributes: Parameters<typeof node>[3], output: readonly number[], ops: readonly string[], inputs = ['x', ...Object.keys(constants)], input: readonly number[] = [1, 6]): Form =>
  form('Gemm', input, output, inputs, ops, constants, attributes);

const DENSE = 'fully_connected';
describe('Gemm', () => {
  it.each([
    gemm({ b: noise(6, 4) }, {}, [1, 4], [DENSE]),
    gemm({ b: noise(4, 6), c: noise(4) }, { transB: 1, alpha: 0.5, beta: 1.5 }, [1, 4], [DENSE]),
    gemm({ b: noise(6, 4), c: noise(1, 4) }, {}, [1, 4], [DENSE]),
    gemm({ b: noise(6, 4), c: noise(1) }, { beta: 0.5 }, [1, 4], [DENSE]),
    gemm({ b: noise(1, 4) }, { transA: 1, alpha: 0.5 }, [6, 4], ['transpose', DENSE]),
    gemm({ b: noise(4, 1), c: noise(6, 1) }, { transA: 1, transB: 1, beta: 0.5 }, [6, 4], ['transpose', DENSE, 'add']),
    gemm({ b: noise(1, 4), c: noise(6, 4) }, { transA: 1, beta: 0.5 }, [6, 4], ['transpose', DENSE, 'add']),
    gemm({ a: noise(3, 1) }, { alpha: 0.5 }, [3, 6], ['transpose', DENSE, 'transpose'], ['a', 'x']),
    gemm({ a: noise(6, 3), c: noise(3, 1) }, { transA: 1, transB: 1 }, [3, 1], [DENSE, 'transpose', 'add'], ['a', 'x', 'c']),
    gemm({}, { transA: 1 }, [6, 6], ['batch_matmul'], ['x', 'x']),
    gemm({ c: noise(1) }, { transB: 1, alpha: 0.5, beta: 1.5 }, [1, 1], ['batch_matmul', 'mul', 'add'], ['x', 'x', 'c']),
    gemm({ b: noise(6, 6) }, { beta: 0.5 }, [1, 6], ['mul', DENSE, 'add'], ['x', 'b', 'x']),
  ])('$name', check);
});

const matMul = (input: readonly number[], output: readonly number[], inputs: readonly string[], ops: readonly string[], constants: Record<string, Tensor> = {}): Form =>
  form('MatMul', input, output, inputs, ops, constants);
describe('MatMul', () => {
  it.each([
    matMul([1, 3, 6], [1, 3, 4], ['x', 'b'], [DENSE], { b: noise(6, 4) }),
    matMul([1, 2, 3, 6], [1, 2, 3, 4], ['x', 'b'], [DENSE], { b: noise(6, 4) }),
    matMul([1, 3, 6], [1, 4, 6], ['a', 'x'], ['transpose', DENSE, 'transpose'], { a: noise(4, 3) }),
    matMul([1, 3, 6], [5, 3, 2], ['x', 'b'], ['batch_matmul'], { b: noise(5, 6, 2) }),
    matMul([1, 3, 6], [5, 4, 6], ['a', 'x'], ['batch_matmul'], { a: noise(5, 4, 3) }),
    matMul([1, 3, 6], [1, 3], ['x', 'b'], ['batch_matmul', 'reshape'], { b: noise(6) }),
    matMul([1, 4, 4], [1, 4, 4], ['x', 'x'], ['batch_matmul']),
  ])('[$input] $ops', check);

  it('two activations of different batches', async () => {
    await check({
      name: 'attention', input: [1, 4, 6], output: [1, 2, 4, 4], constants: { shape: { dtype: 'int64', shape: [4], data: BigInt64Array.of(1n, 4n, 2n, 3n) } },
      nodes: [node('Reshape', ['x', 'shape'], ['heads']), node('Transpose', ['heads'], ['q'], { perm: [0, 2, 1, 3] }), node('Transpose', ['heads'], ['k'], { perm: [0, 2, 3, 1] }), node('MatMul', ['q', 'k'], ['y'])],
      ops: ['reshape', 'transpose', 'transpose', 'batch_matmul'],
    });
  });
});
