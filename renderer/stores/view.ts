// View: how things are shown. Kept between visits, except for what belongs to one moment.
import { create } from 'zustand';

export type Theme = 'system' | 'light' | 'dark';
export type OverlayMode = 'error' | 'precision' | 'placement' | 'operator';
export type Metric = 'psnr' | 'mae' | 'mse';
export type Feed = 'local' | 'cumulative';
export type Tool = 'pan' | 'select';
/** Which graph is drawn: the one that is quantized, or the one of the source file. */
export type GraphKind = 'partitioned' | 'original';
export type BottomPanel = 'layers' | 'code' | 'log';

export interface View {
  readonly theme: Theme;
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
  /** Is the command palette open? */
  readonly palette: boolean;
}

const KEY = 'requant.view';
const DEFAULTS: View = { theme: 'system', overlay: 'error', metric: 'psnr', feed: 'cumulative', tool: 'pan', bottom: 'layers', graph: 'partitioned', collapsed: new Set(), fitTick: 0, findTick: 0, palette: false };

const THEMES: readonly string[] = ['system', 'light', 'dark'] satisfies Theme[];

/** What was kept, where it still makes sense; storage may be forbidden or edited by hand. */
function kept(): Partial<View> {
  try {
    const theme = globalThis.localStorage?.getItem(`${KEY}.theme`) ?? '';
    return THEMES.includes(theme) ? { theme: theme as Theme } : {};
  } catch {
    return {};
  }
}

export const useView = create<View>(() => ({ ...DEFAULTS, ...kept() }));

export function setTheme(theme: Theme): void {
  useView.setState({ theme });
  try { globalThis.localStorage?.setItem(`${KEY}.theme`, theme); } catch { /* storage is a convenience only */ }
}

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

export const requestFit = (): void => useView.setState((s) => ({ fitTick: s.fitTick + 1 }));
export const requestFind = (): void => useView.setState((s) => ({ findTick: s.findTick + 1 }));
