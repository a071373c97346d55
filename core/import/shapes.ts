// What a file leaves open and the caller settles: shapes of inputs and sizes of named dimensions.
import { RequantError } from '../errors/index.ts';
import { showShape } from '../tensor/tensor.ts';

/** What a model file leaves open. */
export interface ImportOptions {
  /**
   * Input name -> its shape in the file's dimension order. It must agree with every dimension that the file fixes. In a TensorFlow graph any
   * tensor can be named: one that is no placeholder is fed instead of computed, and what stands before it is left out. Of a sequence `x` in an ONNX file the members x[0], x[1] ... are named, or `x` with
   * its length where the file tells their shape; an optional input is there where it is named.
   */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /** Name of an open dimension, such as `sequence` -> its size, wherever the name appears. */
  readonly dimensions?: Readonly<Record<string, number>>;
  /**
   * TensorFlow: tensors that are the outputs. Guessed where absent: the nodes that nobody reads. ONNX: which of its outputs are wanted, of a
   * sequence `y` also y[0], y[1] ... and y.length; all where absent.
   */
  readonly outputNames?: readonly string[];
  /** TFLite: reads stored integers as the real numbers that they stand for and computes in plain float32. Of a model that arrives quantized: `execute` computes with them too, instead of its own integers. */
  readonly dequantize?: boolean;
}

/** A dimension as a file declares it: a size, the name of an open one, or '' for an open one without a name. */
export type DeclaredDimension = number | string;

/** An input as a file declares it. */
export interface DeclaredInput {
  readonly name: string;
  /** undefined: not even their number is known. */
  readonly dimensions: readonly DeclaredDimension[] | undefined;
  /** A sequence whose length is open; `dimensions` is that length. */
  readonly sequence?: true;
}

const isSize = (d: number): boolean => Number.isSafeInteger(d) && d > 0;

/** Raises CONFIG_INVALID for an option that names no input or dimension of the file, or a size that is no whole number above 0. */
export function checkOptions({ inputShapes = {}, dimensions = {} }: ImportOptions, inputs: readonly string[], open: ReadonlySet<string>, file: string): void {
  for (const [name, shape] of Object.entries(inputShapes)) {
    if (!inputs.includes(name)) throw new RequantError('CONFIG_INVALID', `inputShapes names ${name}, but the inputs are ${inputs.join(', ') || 'none'}`, { file, tensor: name });
    if (!shape.every(isSize)) throw new RequantError('CONFIG_INVALID', `inputShapes: ${showShape(shape)} is no shape of an input`, { file, tensor: name });
  }
  for (const [name, size] of Object.entries(dimensions)) {
    if (!open.has(name)) throw new RequantError('CONFIG_INVALID', `dimensions names ${name}, but the open dimensions of this file are ${[...open].join(', ') || 'none'}`, { file });
    if (!isSize(size)) throw new RequantError('CONFIG_INVALID', `dimensions: ${name} is ${size}, not a whole number above 0`, { file });
  }
}

/**
 * The shape of an input: what the file fixes, else what the options say, else 1 for the first dimension (the batch). `known` holds the sizes
 * of named dimensions and learns those that are settled here. Raises CONFIG_INVALID where the options contradict the file, SHAPE_UNKNOWN
 * where a dimension stays open.
 */
export function settleInput(name: string, declared: readonly DeclaredDimension[] | undefined, { inputShapes = {} }: ImportOptions, known: Map<string, number>, file: string): readonly number[] {
  const where = { file, tensor: name };
  const given = Object.hasOwn(inputShapes, name) ? inputShapes[name] : undefined;
  const asked = `inputShapes: { ${JSON.stringify(name)}: [${(declared ?? []).map((d) => (typeof d === 'number' ? d : d || '?')).join(', ')}] }`;
  if (!declared) {
    if (given) return given;
    throw new RequantError('SHAPE_UNKNOWN', 'the file does not tell the shape of this input', where, { hint: `Give it: inputShapes: { ${JSON.stringify(name)}: [...] }.` });
  }
  if (given && given.length !== declared.length) throw new RequantError('CONFIG_INVALID', `inputShapes gives ${showShape(given)} to an input of ${declared.length} dimensions`, where);
  return declared.map((d, i) => {
    const wished = given?.[i];
    const fixed = typeof d === 'number' ? d : known.get(d);
    if (wished !== undefined && fixed !== undefined && wished !== fixed) throw new RequantError('CONFIG_INVALID', `inputShapes gives ${wished} to dimension ${i}, which is ${fixed}`, where);
    const size = fixed ?? wished ?? (i === 0 ? 1 : undefined);
    if (size === undefined) {
      const byName = typeof d === 'string' && d !== '' ? `dimensions: { ${JSON.stringify(d)}: N } or ` : '';
      throw new RequantError('SHAPE_UNKNOWN', `dimension ${i}${d === '' ? '' : ` (${d})`} of this input is open`, where, { hint: `Give its size: ${byName}${asked}.` });
    }
    if (typeof d === 'string' && d !== '') known.set(d, size);
    return size;
  });
}
