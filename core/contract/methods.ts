// The table of all methods.
import { dataClose, dataOpen, dataState } from './data.ts';
import { engineHello } from './engine.ts';
import type { Method, ParamsOf, ResultOf } from './method.ts';
import { nodeErrors, nodeMap, nodeOutput } from './look.ts';
import { modelOpen, modelOpenSample, modelOriginal } from './model.ts';
import { nodeInspect, runDelete, runDraft, runSave, runStart } from './run.ts';

export const METHODS = {
  'engine.hello': engineHello,
  'model.open': modelOpen,
  'model.openSample': modelOpenSample,
  'model.original': modelOriginal,
  'data.open': dataOpen,
  'data.state': dataState,
  'data.close': dataClose,
  'run.start': runStart,
  'run.draft': runDraft,
  'run.delete': runDelete,
  'run.save': runSave,
  'node.inspect': nodeInspect,
  'node.errors': nodeErrors,
  'node.output': nodeOutput,
  'node.map': nodeMap,
} as const satisfies Record<string, Method>;

export type Methods = typeof METHODS;
export type MethodName = keyof Methods;
export type Params<M extends MethodName> = ParamsOf<Methods[M]>;
export type Result<M extends MethodName> = ResultOf<Methods[M]>;
