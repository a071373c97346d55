// View: how things are shown, as long as the page lives.
import { create } from 'zustand';

/** Part of the graph that is looked at: moved by x and y pixels, then scaled. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}
export type Theme = 'system' | 'light' | 'dark';
export type OverlayMode = 'error' | 'precision' | 'placement' | 'operator' | 'cost';
export type Metric = 'psnr' | 'mae' | 'mse';
export type Feed = 'local' | 'cumulative';
export type Tool = 'pan' | 'select';
/** Which graph is drawn: the one that is quantized, or the one of the source file. */
export type GraphKind = 'partitioned' | 'original';
export type BottomPanel = 'layers' | 'sweep' | 'code' | 'log';

export interface View {
  readonly overlay: OverlayMode;
  readonly metric: Metric;
  readonly feed: Feed;
  readonly tool: Tool;
  readonly bottom: BottomPanel;
  readonly graph: GraphKind;
  /** Partitions drawn as one, by name: `MLA 0`. */
  readonly collapsed: ReadonlySet<string>;
  /** Counts requests to fit the graph and to go to the find field; the canvas answers each once. */
  readonly fitTick: number;
  readonly findTick: number;
  /** Where the graph is looked at; null before it was drawn. */
  readonly camera: Camera | null;
  /** A wish to look somewhere, answered once by the canvas. */
  readonly cameraWish: Camera | null;
  /** Is the command palette open? */
  readonly palette: boolean;
  /** The dialog that is open. */
  readonly dialog: 'settings' | 'shortcuts' | 'about' | null;
}

const DEFAULTS: View = { overlay: 'error', metric: 'psnr', feed: 'cumulative', tool: 'pan', bottom: 'layers', graph: 'partitioned', collapsed: new Set(), fitTick: 0, findTick: 0, camera: null, cameraWish: null, palette: false, dialog: null };

export const useView = create<View>(() => DEFAULTS);

/** The theme that is on the screen. */
export const shownTheme = (theme: Theme, systemIsDark: boolean): 'light' | 'dark' => (theme === 'system' ? (systemIsDark ? 'dark' : 'light') : theme);

/** Collapses or expands partitions. */
export function setCollapsed(groups: readonly string[], collapse: boolean): void {
  useView.setState(({ collapsed }) => {
    const next = new Set(collapsed);
    for (const group of groups) { if (collapse) next.add(group); else next.delete(group); }
    return { collapsed: next, graph: 'partitioned' };
  });
}

export const moveCamera = (camera: Camera): void => useView.setState({ cameraWish: camera });
export const requestFit = (): void => useView.setState((s) => ({ fitTick: s.fitTick + 1 }));
export const requestFind = (): void => useView.setState((s) => ({ findTick: s.findTick + 1 }));
