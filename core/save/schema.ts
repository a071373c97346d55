// What model.json inside a .sima holds (docs/format.md), as the schema that a loaded file must pass.
import * as v from 'valibot';
import { Metric } from '../ir/index.ts';
import { ELEMENT_TYPES } from '../tensor/tensor.ts';

/** Raised when the meaning of a field changes; a file of another version is refused. */
export const FORMAT_VERSION = 1;
/** No tensor of a loaded model may have more elements: 2^28, a gibibyte of float32. */
export const MAX_ELEMENTS = 2 ** 28;

const dimension = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_ELEMENTS));
/** Of a value or a port: -1 is a dimension that the data decide. */
const openShape = v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(MAX_ELEMENTS))), v.maxLength(16), v.check((s) => s.reduce((n, d) => n * Math.abs(d), 1) <= MAX_ELEMENTS, 'more elements than the limit'));
const scale = v.pipe(v.number(), v.finite(), v.gtValue(0));
const quantization = v.object({
  dtype: v.picklist(['int8', 'int16', 'int32']),
  scale: v.union([scale, v.pipe(v.array(scale), v.minLength(1))]),
  zeroPoint: v.pipe(v.number(), v.integer(), v.minValue(-32768), v.maxValue(32767)),
});
const port = v.object({ name: v.string(), value: v.string(), shape: openShape, dtype: v.picklist(ELEMENT_TYPES), toGraph: v.optional(v.array(dimension)) });
const error = v.object({ name: v.string(), mae: v.nullable(v.number()), mse: v.nullable(v.number()), psnr: v.nullable(v.number()) });

export const ModelFile = v.object({
  format: v.literal('requant-sima'),
  version: v.literal(FORMAT_VERSION),
  name: v.string(),
  inputs: v.array(port),
  outputs: v.array(port),
  values: v.array(v.object({ name: v.string(), shape: openShape, quantization: v.nullable(quantization), dtype: v.optional(v.picklist(ELEMENT_TYPES)), equalization: v.optional(v.pipe(v.array(scale), v.minLength(1))) })),
  constants: v.array(v.object({ name: v.string(), file: v.pipe(v.string(), v.regex(/^constants\/\d+\.npy$/)) })),
  nodes: v.array(v.object({
    name: v.string(),
    kind: v.picklist(['integer', 'float', 'quantize', 'dequantize', 'requantize']),
    op: v.string(),
    unit: v.picklist(['MLA', 'APU', 'CVU']),
    partition: v.pipe(v.number(), v.integer(), v.minValue(0)),
    attrs: v.record(v.string(), v.unknown()),
    inputs: v.array(v.string()),
    outputs: v.pipe(v.array(v.string()), v.minLength(1)),
    constants: v.record(v.string(), v.string()),
    precision: v.nullable(v.picklist(['int8', 'int16'])),
    identity: v.string(),
  })),
  notices: v.array(v.string()),
  /** Settings it was quantized with, for people and for running it again. */
  settings: v.record(v.string(), v.unknown()),
  /** psnr of a node without error is null here: JSON has no infinity. */
  reports: v.array(v.object({ metric: v.picklist(Object.values(Metric)), localFeed: v.boolean(), samples: v.number(), nodes: v.array(error) })),
});
export type ModelFile = v.InferOutput<typeof ModelFile>;
