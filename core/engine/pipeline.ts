// The engine's front: opening, quantizing, analysing, saving, for the command line and the library.
export { loadModel, openNet, type JobOptions, type LoadedNet, type Samples } from './loaded-net.ts';
export { loadQuantizedModel, type ExecuteOptions, type Model } from './model.ts';
export { configFromRecipe } from './settings.ts';
export { measureAccuracy, rankOf, type Accuracy } from './accuracy.ts';
export { summary } from './run.ts';
export { createCancelToken, type CancelToken } from './cancel.ts';
