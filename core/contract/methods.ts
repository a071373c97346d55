// The table of all methods.
import { dataClose, dataOpen, dataOpenSample, dataState } from './data.ts';
import { filesChoose, filesList, filesTarget, recentList, recentRemove, settingsRead, settingsWrite } from './desk.ts';
import { engineConfigure, engineHello } from './engine.ts';
import type { Method, ParamsOf, ResultOf } from './method.ts';
import { nodeErrors, nodeMap, nodeOutput } from './look.ts';
import { modelInputs, modelOpen, modelOpenSample, modelOriginal } from './model.ts';
import { projectOpen, projectRun, projectSave, sittingDrop, sittingFind, sittingKeep, sittingOpen } from './project.ts';
import { nodeInspect, runDelete, runDraft, runSave, runStart } from './run.ts';
import { sweepStart } from './sweep.ts';

export const METHODS = {
  'engine.hello': engineHello,
  'engine.configure': engineConfigure,
  'model.open': modelOpen,
  'model.inputs': modelInputs,
  'model.openSample': modelOpenSample,
  'model.original': modelOriginal,
  'data.open': dataOpen,
  'data.openSample': dataOpenSample,
  'data.state': dataState,
  'data.close': dataClose,
  'run.start': runStart,
  'run.draft': runDraft,
  'run.delete': runDelete,
  'run.save': runSave,
  'sweep.start': sweepStart,
  'node.inspect': nodeInspect,
  'node.errors': nodeErrors,
  'node.output': nodeOutput,
  'node.map': nodeMap,
  'project.run': projectRun,
  'project.save': projectSave,
  'project.open': projectOpen,
  'sitting.keep': sittingKeep,
  'sitting.find': sittingFind,
  'sitting.open': sittingOpen,
  'sitting.drop': sittingDrop,
  'recent.list': recentList,
  'recent.remove': recentRemove,
  'settings.read': settingsRead,
  'settings.write': settingsWrite,
  'files.list': filesList,
  'files.choose': filesChoose,
  'files.target': filesTarget,
} as const satisfies Record<string, Method>;

export type Methods = typeof METHODS;
export type MethodName = keyof Methods;
export type Params<M extends MethodName> = ParamsOf<Methods[M]>;
export type Result<M extends MethodName> = ResultOf<Methods[M]>;
