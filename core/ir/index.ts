export * from './graph.ts';
export * from './partitioned.ts';
export * from './quantized.ts';
export * from './statistics.ts';
export * from './report.ts';
export * from './calibration-method.ts';
