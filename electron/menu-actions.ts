// The studio's actions that the menu offers, by their ids.
export const MENU_ACTIONS = [
  'open-model', 'open-project', 'open-sample', 'save-project', 'save-project-as', 'load-calibration', 'load-evaluation', 'save-run', 'export-graph', 'export-graph-png', 'export-report', 'export-layers', 'undo', 'redo', 'run', 'sweep', 'cancel', 'fit', 'find',
  'overlay-error', 'overlay-precision', 'overlay-placement', 'overlay-operator', 'overlay-cost', 'toggle-theme', 'settings', 'shortcuts', 'about',
] as const;
export type MenuAction = (typeof MENU_ACTIONS)[number];
