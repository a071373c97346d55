// Walking the graph: from a vertex to what it reads, to its readers, and along its row.
import { reveal, select, useSelection } from '../stores/selection.ts';
import type { Scene } from './scene.ts';

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The vertex in a direction, or null at the rim. Of several producers or readers the one nearest in x. */
export function neighbour(scene: Scene, from: number, direction: Direction): number | null {
  if (direction === 'left' || direction === 'right') {
    const row = scene.rows.find(({ vertices }) => vertices.includes(from))?.vertices ?? [];
    return row[row.indexOf(from) + (direction === 'left' ? -1 : 1)] ?? null;
  }
  const x = (i: number): number => (scene.boxes[i]?.x ?? 0) + (scene.boxes[i]?.width ?? 0) / 2;
  const others: number[] = [];
  // Where an edge ends here, its other end is the neighbour.
  for (let i = direction === 'up' ? 1 : 0; i < scene.ends.length; i += 2) if (scene.ends[i] === from) others.push(scene.ends[i ^ 1] ?? from);
  return others.filter((i) => (scene.drawing.vertices[i]?.names.length ?? 0) > 0).toSorted((a, b) => Math.abs(x(a) - x(from)) - Math.abs(x(b) - x(from)))[0] ?? null;
}

/** Selects the neighbour of what was selected last, or the first node; `add` keeps what was selected. */
export function stepTo(scene: Scene, direction: Direction, add: boolean): void {
  const { names } = useSelection.getState();
  const from = scene.vertexOf.get(names.at(-1) ?? '');
  const to = from === undefined ? scene.vertexOf.values().next().value ?? null : neighbour(scene, from, direction);
  const found = to === null ? [] : scene.drawing.vertices[to]?.names ?? [];
  const [first] = found;
  if (first === undefined) return;
  select(add ? [...names, ...found] : found);
  reveal(first);
}
