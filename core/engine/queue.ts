// The order of calls in the worker: one after the other as they came, but what only looks at a node waits until nothing else does. A person who picks a
// precision would otherwise wait for the pictures of the node that was picked first.
import type { WorkerCall } from './worker-messages.ts';

export interface Queue {
  add(call: WorkerCall): void;
}

/** A look reads what is there and changes nothing, so that it can be overtaken. */
const isLook = ({ method }: WorkerCall): boolean => method.startsWith('node.');

/** `answer` must not throw. */
export function createQueue(answer: (call: WorkerCall) => Promise<void>): Queue {
  const jobs: WorkerCall[] = [];
  const looks: WorkerCall[] = [];
  let working = false;
  const work = async (): Promise<void> => {
    working = true;
    // Calls that wait in the port come in first: one of them may have to go before what is already here.
    const next = async (): Promise<WorkerCall | undefined> => { await new Promise((resolve) => { setImmediate(resolve); }); return jobs.shift() ?? looks.shift(); };
    for (let call = await next(); call; call = await next()) await answer(call);
    working = false;
  };
  return {
    add: (call) => {
      (isLook(call) ? looks : jobs).push(call);
      if (!working) void work();
    },
  };
}
