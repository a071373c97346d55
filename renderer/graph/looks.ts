// Looks: how each part of a scene is painted now, from the overlay, the recipe and the selection.
import type { NodeView, Recipe } from '../../core/contract/index.ts';
import { chosenPrecision } from '../stores/recipe-edit.ts';
import { shortName } from './family.ts';
import { groupOf, shapeText, type Vertex } from './derive.ts';
import type { NodeColour, Overlay } from './overlays/index.ts';
import type { Look, Looks } from './paint.ts';
import type { Palette } from './palette.ts';
import type { Scene } from './scene.ts';

/** A vertex that stands for several nodes shows the one that stands out most. */
export function colourOfVertex({ names }: Pick<Vertex, 'names'>, overlay: Overlay): NodeColour | undefined {
  let worst: NodeColour | undefined;
  for (const name of names) {
    const colour = overlay.colourOf(name);
    if (colour && (!worst || (colour.weight ?? 0) > (worst.weight ?? 0))) worst = colour;
  }
  return worst;
}

/** Only small selections light up their edges: with everything selected nothing would stand out. */
const MOST_LIT = 8;

export function selectedVertices(scene: Scene, names: readonly string[]): ReadonlySet<number> {
  if (names.length === 0) return new Set();
  const wanted = new Set(names);
  const found = new Set<number>();
  scene.drawing.vertices.forEach((vertex, i) => { if (vertex.names.some((name) => wanted.has(name))) found.add(i); });
  return found;
}

export function litEdges(scene: Scene, selected: ReadonlySet<number>): ReadonlySet<number> {
  const lit = new Set<number>();
  if (selected.size === 0 || selected.size > MOST_LIT) return lit;
  for (let i = 0; i < scene.ends.length; i++) if (selected.has(scene.ends[i] ?? -1)) lit.add(i >> 1);
  return lit;
}

/** Shape of the value on an edge, and how the next run will store it. */
export function edgeText(scene: Scene, e: number, nodes: ReadonlyMap<string, NodeView>, recipe: Recipe): string {
  const link = scene.drawing.links[e];
  if (!link) return '';
  const node = link.producer === null ? undefined : nodes.get(link.producer);
  return node ? `${shapeText(link.shape)} ${chosenPrecision(node, recipe)}` : shapeText(link.shape);
}

export const titleOf = (vertex: Vertex): string => {
  switch (vertex.kind) {
    case 'node': return shortName(vertex.title);
    case 'group': return `${vertex.group}: ${vertex.nodes.length} nodes`;
    case 'source': return vertex.source.type;
    case 'input':
    case 'output': return vertex.title;
  }
};

interface LooksInput {
  readonly scene: Scene;
  readonly selected: ReadonlySet<number>;
  readonly mounted: ReadonlySet<number>;
  readonly palette: Palette;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly recipe: Recipe;
}

/** Colours of all vertices, worked out once an overlay and not once a frame. */
export function colourTable(scene: Scene, overlay: Overlay, palette: Palette): readonly (Look | undefined)[] {
  const pill: Look = { colour: palette('var(--sunken)'), ink: palette('var(--text)'), weight: 0 };
  return scene.drawing.vertices.map((vertex) => {
    if (vertex.kind === 'input' || vertex.kind === 'output') return pill;
    const colour = colourOfVertex(vertex, overlay);
    return colour && { colour: palette(colour.colour), ink: palette(colour.ink), weight: colour.weight ?? 0 };
  });
}

const parted = new WeakMap<Scene, boolean>();

/** Does it show nodes of several partitions? Asked whenever a card is mounted, so it is found out once a scene. */
function hasPartitions(scene: Scene): boolean {
  const known = parted.get(scene);
  if (known !== undefined) return known;
  const groups = new Set<string>();
  for (const vertex of scene.drawing.vertices) if (vertex.kind === 'node') groups.add(groupOf(vertex.node));
  parted.set(scene, groups.size > 1);
  return groups.size > 1;
}

/** Grounds of partitions; none where there is only one. */
function tints(scene: Scene, palette: Palette): (i: number) => string | null {
  const { drawing } = scene;
  if (!hasPartitions(scene)) return () => null;
  return (i) => {
    const vertex = drawing.vertices[i];
    return vertex?.kind === 'node' ? palette(`var(--unit-${vertex.node.unit.toLowerCase()})`) : null;
  };
}

export function createLooks({ scene, selected, mounted, palette, nodes, recipe }: LooksInput, colours: readonly (Look | undefined)[]): Looks {
  const titles = scene.drawing.vertices;
  return {
    of: (i) => colours[i],
    titleOf: (i) => { const vertex = titles[i]; return vertex ? titleOf(vertex) : ''; },
    edgeText: (e) => edgeText(scene, e, nodes, recipe),
    selected, mounted, palette, lit: litEdges(scene, selected), tintOf: tints(scene, palette),
  };
}
