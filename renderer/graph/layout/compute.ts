// Asks the worker for a layout. A newer request makes an older one answer null.
import type { LayoutRequest } from './request.ts';
import type { Layout, LayoutResult } from './result.ts';

let worker: Worker | null = null;
let last = 0;

function layoutWorker(): Worker {
  worker ??= new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'layout' });
  return worker;
}

/** Starts the worker before there is anything to lay out: that takes as long as laying out a small graph. */
export const prepareLayout = (): void => { layoutWorker(); };

export function computeLayout(request: Omit<LayoutRequest, 'id'>): Promise<Layout | null> {
  const id = ++last;
  const target = layoutWorker();
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      target.removeEventListener('message', onMessage);
      target.removeEventListener('error', onError);
    };
    const onMessage = ({ data }: MessageEvent<LayoutResult>): void => {
      if (data.id !== id) return;
      stop();
      resolve(id === last ? data.layout : null);
    };
    const onError = (event: ErrorEvent): void => {
      stop();
      worker = null;
      reject(new Error(`The layout failed: ${event.message}`));
    };
    target.addEventListener('message', onMessage);
    target.addEventListener('error', onError);
    target.postMessage({ ...request, id } satisfies LayoutRequest);
  });
}
