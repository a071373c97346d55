// The doors of an exported model: its own inputs and outputs, by their names and in the source file's dimension order.
import type { Port, QuantizedGraph } from '../ir/index.ts';
import type { EmittedPort, Tools } from './emitter.ts';

const doorOf = ({ name, value, dtype, shape }: Port): EmittedPort => ({ onnx: name, value, dtype, shape });

export const doorsOf = (graph: QuantizedGraph) => ({
  inputs: graph.inputs.map(doorOf),
  outputs: graph.outputs.map(doorOf),
  enter: (port: EmittedPort, { node }: Tools): string => {
    const perm = graph.inputs.find((input) => input.name === port.onnx)?.toGraph;
    return perm ? node('Transpose', [port.onnx], { perm }) : port.onnx;
  },
  leave: (port: EmittedPort, name: string, { node }: Tools): string => {
    const perm = graph.outputs.find((output) => output.name === port.onnx)?.toGraph;
    return perm ? node('Transpose', [name], { perm: perm.map((_, i) => perm.indexOf(i)) }) : name;
  },
});
