// OperatorDefinition: everything Requant knows about one operator, in one place. core/ops/index.ts lists them.
import type * as v from 'valibot';
import type { ErrorPlace } from '../errors/index.ts';
import type { ActivationQuantization, Precision, Quantization } from '../ir/index.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * What rules may ask of an operator without knowing its name:
 * - `weighted`: multiplies by constant weights (input 1) and adds an optional bias (input 2);
 * - `fusesActivation`: has an `activation` attribute that a following clamp can move into;
 * - `clamp`: an elementwise clamp (relu, clip), see {@link OperatorDefinition.clampOf};
 * - `passThrough`: integers pass unchanged, the output keeps the first input's quantization;
 * - `homogeneous`: f(s * x) = s * f(x) for s > 0, of its first and only activation; where the last dimension stays, its channels stay apart;
 * - `elementwise`: output element i depends on element i of the (broadcast) inputs only;
 * - `positions`: gives whole numbers, stored as int32 with scale 1;
 * - `foreign`: operators of the file as they are, which may read and give any element type.
 */
export type Trait = 'weighted' | 'fusesActivation' | 'clamp' | 'passThrough' | 'homogeneous' | 'elementwise' | 'positions' | 'foreign';

/** A value as an operator sees it: static shape, and the tensor where it is constant. */
export interface Operand {
  readonly name: string;
  readonly shape: readonly number[];
  readonly constant?: Tensor;
}

/** What an operator needs to describe itself for one node. Absent optional inputs are undefined. */
export interface NodeView<A> {
  readonly attrs: A;
  readonly inputs: readonly (Operand | undefined)[];
  readonly where: ErrorPlace;
}

export type Layout = 'nhwc' | 'nchw';
export type OnnxAttribute = string | readonly number[] | { readonly int: number } | { readonly float: number } | { readonly tensor: Tensor };

/** One output of an operator that has several. */
export interface OutputPlace {
  readonly at: number;
  readonly of: number;
}

/** Builds a float ONNX graph. 4-D values exist in either layout, converted once where asked for. */
export interface FloatEmitter {
  /** ONNX name of the node's i-th input, in the layout asked for (4-D values only; others ignore it). */
  input(index: number, layout?: Layout): string;
  /** The i-th input with its dimensions in another order: a constant is turned at once, anything else by a node. */
  permuted(index: number, perm: readonly number[]): string;
  /** Does the i-th input already exist channels-first? Layout-neutral operators then stay there. */
  isChannelsFirst(index: number): boolean;
  constant(tensor: Tensor): string;
  /** Adds an ONNX node of which one output is read, the first unless `among` says another, and returns that output's name. `op` has its domain before it where it is not ONNX's own. */
  node(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>, among?: OutputPlace): string;
  /** Adds an ONNX node with `of` outputs and returns the names of all. `opset`: the one in whose form it is, that of the emitter where absent. */
  several(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>>, of: number, opset?: number): readonly string[];
  /** Adds the operators of an ONNX model that reads `inputs`, and returns the names of its outputs. Raises MODEL_INVALID. */
  model(bytes: Uint8Array, inputs: readonly string[]): readonly string[];
  /** Names the ONNX tensor that is the node's i-th output, in the layout it has. */
  output(index: number, name: string, layout?: Layout): void;
}

/**
 * How a weight becomes an integer: the nearest one, or, by default, one of the two nearest, so that sums of weights stay right. Neighbouring inputs of a convolution
 * are much alike, so what the output sees of the rounding is the sum of its errors over a window. After SQuant (Guo et al., "SQuant: On-the-fly data-free
 * quantization via diagonal Hessian decomposition", ICLR 2022), section 3.
 */
export type WeightRounding = 'squant' | 'nearest';

/** The numeric settings of one node when it is quantized. */
export interface QuantizeSettings {
  readonly precision: Precision;
  readonly perChannelWeights: boolean;
  readonly asymmetricActivations: boolean;
  readonly requantization: 'sima' | 'tflite';
  readonly outputInt32: boolean;
  readonly biasCorrection: boolean;
  readonly weightRounding: WeightRounding;
}

/** Weights of output channels, one run after another. */
export interface WeightRows {
  /** [channels, run]. */
  readonly weights: Float32Array;
  readonly run: number;
  /** Expected inputs of the weights of one channel; channels that read the same inputs share the array. Absent without statistics. */
  readonly means: ((channel: number) => Float64Array) | undefined;
}
/** The loops over weights, passed in: they run on the kernels. */
export interface WeightLoops {
  /**
   * For each of `candidates`, which are one scale for each channel that clips no weight: the squared error at the output of each channel, up to a common factor, at
   * that scale and at half of it: [channels, 2]. It is the sum of the squared errors times `spread`, and the square of their sum weighted by the means.
   */
  readonly errors: (rows: WeightRows, spread: number, candidates: readonly Float64Array[]) => readonly Float64Array[];
  /**
   * Stored weights at one scale for each channel, -127 to 127: the nearest ones, halves to even; `balanced`: one of the two nearest, so that sums of errors stay small.
   * `inner`: input channels, the last dimension of a run. `errors`, of each channel: the sum of (stored * scale - weight) * mean, or of the errors without means.
   */
  readonly round: (rows: WeightRows, inner: number, scales: Float64Array, balanced: boolean) => { readonly stored: Int8Array<ArrayBuffer>; readonly errors: Float64Array };
}

export interface QuantizeView<A> extends NodeView<A> {
  readonly settings: QuantizeSettings;
  readonly loops: WeightLoops;
  /** Quantization of each non-constant input; undefined for constants and absent inputs. */
  readonly inputQuantization: readonly (ActivationQuantization | undefined)[];
  /** Quantization that calibration chose for the output. */
  readonly outputQuantization: ActivationQuantization;
  /** Mean of each channel of input 0, when statistics are at hand. */
  readonly inputMeans?: Float64Array;
}

/** The integer twin of a node: plain attributes and constants, all that execution needs. */
export interface IntegerPlan {
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly constants: Readonly<Record<string, Tensor>>;
  readonly output: Quantization;
  /** Inputs that stay activations, as indices into the node's inputs (constants were folded into `constants`). */
  readonly activations: readonly number[];
}

/** One node of a quantized graph as its exact kernel sees it. */
export interface KernelCall {
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly constants: Readonly<Record<string, Tensor>>;
  readonly inputs: readonly Tensor[];
  readonly inputQuantization: readonly (Quantization | null)[];
  readonly outputShape: readonly number[];
  readonly outputQuantization: Quantization | null;
}

/** An integer twin without data: what a saved node says of itself, and what its exact ONNX form is derived from. */
export interface TwinView {
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly constants: Readonly<Record<string, Tensor>>;
  readonly inputs: readonly TwinValue[];
  readonly output: TwinValue;
  readonly where: ErrorPlace;
}
export interface TwinValue {
  readonly shape: readonly number[];
  readonly quantization: Quantization | null;
}
/** A twin as its operator's float form sees it: the float attributes, and for each input an activation by index, a constant, or nothing. */
export interface FloatForm {
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly (number | StoredConstant | Tensor<'float32'>)[];
  /** true: ONNX Runtime's fused kernel for it is wrong somewhere; with QuantizeLinear around, the exact form is written where there is one. */
  readonly misfused?: boolean;
}
/** r = scale * (q - zeroPoint); scales in a list are one an index of the first dimension. */
export interface StoredConstant {
  readonly stored: Tensor;
  readonly scale: number | readonly number[];
  readonly zeroPoint: number;
}
/** Writes a twin over whole numbers: a stored q travels as q - zeroPoint in float32, an int32 accumulator in float64. */
export type ExactWriter = (to: FloatEmitter) => void;

/** Writes a twin on operators for integers: a stored int8 q travels as uint8 q + 128, everything else as for an {@link ExactWriter}. */
export type IntegerWriter = (to: FloatEmitter, runtime: IntegerRuntime) => void;
/** What a writer has to know of the ONNX Runtime that it writes for. */
export interface IntegerRuntime {
  /** Do its products of uint8 and int8 add up exactly? Without VNNI they are added in pairs, in 16 bits; then weights are written as uint8. */
  readonly signedWeights: boolean;
}
/** Why a twin has no such form. */
export interface Unproved {
  readonly reason: string;
}

export interface OperatorDefinition<A = never> {
  readonly name: string;
  /** The class that the field's documents know it by, for saved JSON: Conv2D, MaxPool ... */
  readonly className: string;
  readonly attributes: v.GenericSchema<unknown, A>;
  readonly traits: readonly Trait[];
  /** Shapes of the outputs. Raises SHAPE_MISMATCH when the inputs do not fit. */
  shapes(node: NodeView<A>): readonly (readonly number[])[];
  /** Operators the node is known by, joined with _ in its name: ['conv2d', 'add', 'relu']. */
  parts(node: NodeView<A>): readonly string[];
  /** Integer precisions of this node, or the reason why it must stay in float. */
  precisions(node: NodeView<A>): readonly Precision[] | { readonly reason: string };
  /** An `elementwise` node in real numbers: one element of the output from one of each input. */
  real?(node: NodeView<A>): (...inputs: readonly number[]) => number;
  /** Bounds of a `clamp` node. */
  clampOf?(node: NodeView<A>): { readonly min: number; readonly max: number };
  /** Bytes of the ONNX model that the node is: it runs on its own. Absent for all others. */
  model?(node: NodeView<A>): Uint8Array;
  /** Writes the node as float ONNX. */
  emit(node: NodeView<A>, to: FloatEmitter): void;
  /**
   * Of a `weighted` operator: the input channel that weight k of output channel o multiplies. Undefined where scaling an input channel does
   * not come to the same as scaling its weights.
   */
  inputChannelOf?(node: NodeView<A>): ((o: number, k: number) => number) | undefined;
  /** Derives the integer twin. Absent: float only. */
  quantize?(node: QuantizeView<A>): IntegerPlan;
  /** The exact reference kernel: integers in, integers out. Written for reading. */
  run?(call: KernelCall): Tensor;
  /** The twin in floating point that equals {@link run} bit for bit, or undefined where its bounds cannot be proved. Not needed for `passThrough`. */
  exact?(twin: TwinView): ExactWriter | undefined;
  /**
   * The twin on ONNX Runtime's operators for integers, which equals {@link run} bit for bit, or why that is not proved. Absent: it is written as {@link exact} between
   * two casts, and a `passThrough` as {@link emit} writes it, over uint8.
   */
  integer?(twin: TwinView): IntegerWriter | Unproved;
  /** The twin as a node of the float operator over dequantized numbers; absent where only {@link exact} describes it. */
  float?(twin: TwinView): FloatForm;
  /** Multiply-accumulates of one inference. */
  macs?(node: NodeView<A>): number;
}

/** An operator with its attribute type hidden; {@link define} keeps the two in step. */
export type Operator = OperatorDefinition & { readonly attributes: v.GenericSchema };

/** The float form of a twin that kept the float operator's attributes and has no constants but tables. */
export const sameAsFloat = (twin: TwinView): FloatForm => ({ attrs: twin.attrs, inputs: twin.inputs.map((_, i) => i) });

/** A twin as a node of the float operator, where it can be said. */
export const floatFormOf = (definition: Operator, twin: TwinView): FloatForm | undefined =>
  definition.float?.(twin) ?? (definition.traits.includes('passThrough') ? sameAsFloat(twin) : undefined);

/** What the float operator sees of it; constants as `real` makes them. */
export function floatView(twin: TwinView, form: FloatForm, real: (constant: StoredConstant | Tensor<'float32'>) => Tensor): NodeView<never> {
  return {
    attrs: form.attrs as never, where: twin.where,
    inputs: form.inputs.map((input, i) => (typeof input === 'number' ? { name: `${i}`, shape: twin.inputs[input]?.shape ?? [] }
      : { name: `${i}`, shape: ('data' in input ? input : input.stored).shape, constant: real(input) })),
  };
}

/** Registers an operator under its precise attribute type. */
export const define = <A>(definition: OperatorDefinition<A>): Operator => definition as unknown as Operator;
