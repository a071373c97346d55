// Integer kernels in WebAssembly: sources in assembly/, their instructions, the memory and the threads that run them.
export { FORM, instruction, MAGIC, type Instruction } from './instructions.ts';
export { chosenThreads, threadCount, useThreads } from './threads.ts';
export { createKernels, sharedKernels, type Kernels, type Program } from './kernels.ts';
export { createCounting, type Counted, type KernelCounter, type KernelCounting } from './counting.ts';
export { quantizeInto } from './quantize.ts';
export { searchLoops } from './search.ts';
export { weightLoops } from './weights.ts';
