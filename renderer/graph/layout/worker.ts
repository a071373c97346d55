// The layout worker: answers each request with a layout, off the page's own thread.
import { layered } from './layered.ts';
import type { LayoutRequest } from './request.ts';
import type { LayoutResult } from './result.ts';

/** The part of a worker's global scope that is used; the page's library types describe a window instead. */
interface Scope {
  addEventListener(type: 'message', listener: (event: MessageEvent<LayoutRequest>) => void): void;
  postMessage(result: LayoutResult, transfer: readonly ArrayBuffer[]): void;
}
const scope = self as unknown as Scope;
scope.addEventListener('message', ({ data }) => {
  const layout = layered(data);
  scope.postMessage({ id: data.id, layout }, [layout.x.buffer, layout.y.buffer, layout.points.buffer, layout.pointsFrom.buffer]);
});
