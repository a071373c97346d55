// Field slots and enumerations of TensorFlow Lite's schema.fbs (version 3) that Requant reads.
import type { DType } from '../../tensor/tensor.ts';

export const MODEL = { version: 0, operatorCodes: 1, subgraphs: 2, buffers: 4 } as const;
export const OPERATOR_CODE = { deprecatedCode: 0, customCode: 1, code: 3 } as const;
export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 } as const;
export const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, sparsity: 6, shapeSignature: 7 } as const;
export const QUANTIZATION = { scale: 2, zeroPoint: 3, dimension: 6 } as const;
export const OPERATOR = { opcode: 0, inputs: 1, outputs: 2, options: 4 } as const;
export const BUFFER = { data: 0, offset: 1 } as const;

/** TensorType -> our type; float16 is read and widened, the rest is refused. */
export const TENSOR_TYPES: readonly (DType | 'float16' | undefined)[] =
  ['float32', 'float16', 'int32', 'uint8', 'int64', undefined, 'bool', 'int16', undefined, 'int8', 'float64'];

/** BuiltinOperator, where Requant knows the operator or wants to name it in an error. */
export const BUILTIN: Readonly<Record<number, string>> = {
  0: 'ADD', 1: 'AVERAGE_POOL_2D', 2: 'CONCATENATION', 3: 'CONV_2D', 4: 'DEPTHWISE_CONV_2D', 5: 'DEPTH_TO_SPACE', 6: 'DEQUANTIZE',
  8: 'FLOOR', 9: 'FULLY_CONNECTED', 11: 'L2_NORMALIZATION', 13: 'LOCAL_RESPONSE_NORMALIZATION', 14: 'LOGISTIC', 16: 'LSTM',
  17: 'MAX_POOL_2D', 18: 'MUL', 19: 'RELU', 20: 'RELU_N1_TO_1', 21: 'RELU6', 22: 'RESHAPE', 23: 'RESIZE_BILINEAR', 25: 'SOFTMAX',
  26: 'SPACE_TO_DEPTH', 28: 'TANH', 32: 'CUSTOM', 34: 'PAD', 36: 'GATHER', 39: 'TRANSPOSE', 40: 'MEAN', 41: 'SUB', 42: 'DIV',
  43: 'SQUEEZE', 45: 'STRIDED_SLICE', 47: 'EXP', 49: 'SPLIT', 50: 'LOG_SOFTMAX', 53: 'CAST', 54: 'PRELU', 55: 'MAXIMUM',
  56: 'ARG_MAX', 57: 'MINIMUM', 59: 'NEG', 60: 'PADV2', 65: 'SLICE', 66: 'SIN', 67: 'TRANSPOSE_CONV', 69: 'TILE',
  70: 'EXPAND_DIMS', 73: 'LOG', 74: 'SUM', 75: 'SQRT', 76: 'RSQRT', 77: 'SHAPE', 78: 'POW', 79: 'ARG_MIN', 82: 'REDUCE_MAX', 83: 'PACK',
  88: 'UNPACK', 89: 'REDUCE_MIN', 92: 'SQUARE', 97: 'RESIZE_NEAREST_NEIGHBOR', 98: 'LEAKY_RELU', 99: 'SQUARED_DIFFERENCE', 100: 'MIRROR_PAD', 101: 'ABS',
  102: 'SPLIT_V', 104: 'CEIL', 105: 'REVERSE_V2', 106: 'ADD_N', 108: 'COS', 111: 'ELU', 114: 'QUANTIZE', 116: 'ROUND',
  117: 'HARD_SWISH', 126: 'BATCH_MATMUL', 130: 'BROADCAST_TO', 150: 'GELU', 152: 'RELU_0_TO_1', 158: 'SIGN',
};

/** Slots of the operators' options. */
export const CONV = { padding: 0, strideW: 1, strideH: 2, activation: 3, dilationW: 4, dilationH: 5, biasType: 6 } as const;
export const DEPTHWISE = { padding: 0, strideW: 1, strideH: 2, activation: 4, dilationW: 5, dilationH: 6 } as const;
export const POOL = { padding: 0, strideW: 1, strideH: 2, filterW: 3, filterH: 4, activation: 5 } as const;
export const TRANSPOSE_CONV = { padding: 0, strideW: 1, strideH: 2, activation: 3, biasType: 4 } as const;
/** quantized_bias_type that says int32. */
export const INT32_BIAS = 2;
export const DENSE = { activation: 0, weightsFormat: 1, keepDimensions: 2 } as const;
export const BATCH_MATMUL = { adjointA: 0, adjointB: 1 } as const;
/** ResizeBilinearOptions still has two fields of the past before its own. */
export const RESIZE = { resize_nearest: { alignCorners: 0, halfPixel: 1 }, resize_bilinear: { alignCorners: 2, halfPixel: 3 } } as const;
export const PADDING_SAME = 0;
