// The application menu. Its own items only send an action's id to the page; what the action does is the page's business.
import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { RecentView } from '../core/contract/index.ts';
import type { MenuAction } from './menu-actions.ts';

export interface MenuTarget {
  readonly act: (action: MenuAction) => void;
  readonly open: (file: RecentView['file']) => void;
}

/** Installed again whenever the files opened last change. */
export function installMenu(platform: NodeJS.Platform, { act, open }: MenuTarget, recents: readonly RecentView[]): void {
  // The page has these shortcuts itself, and knows when a text field has the keyboard; the menu shows them and stays out of the way.
  const item = (id: MenuAction, label: string, accelerator?: string): MenuItemConstructorOptions => ({
    id, label, click: () => act(id), ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
  });
  const line: MenuItemConstructorOptions = { type: 'separator' };
  const mac = platform === 'darwin';
  const onMac = (entry: MenuItemConstructorOptions): MenuItemConstructorOptions[] => (mac ? [entry] : []);
  const template: MenuItemConstructorOptions[] = [
    ...onMac({ role: 'appMenu' }),
    {
      label: '&File',
      submenu: [
        item('open-model', 'Open…', 'CmdOrCtrl+O'),
        item('open-project', 'Open Project…', 'CmdOrCtrl+Shift+O'),
        {
          label: 'Open Recent', id: 'recents', enabled: recents.length > 0,
          submenu: recents.map(({ file, place, missing }, i) => ({ id: `recent-${i}`, label: `${file.name} (${missing ? 'missing' : place})`, enabled: !missing, click: () => open(file) })),
        },
        item('open-sample', 'Open Sample'),
        line,
        item('save-project', 'Save Project', 'CmdOrCtrl+S'),
        item('save-project-as', 'Save Project As…', 'CmdOrCtrl+Shift+S'),
        line,
        item('load-calibration', 'Open Calibration Data…'),
        item('load-evaluation', 'Open Evaluation Data…'),
        line,
        item('save-run', 'Save Quantized Model…', 'CmdOrCtrl+Shift+E'),
        item('export-graph', 'Export Graph as SVG…'),
        item('export-graph-png', 'Export Graph as PNG…'),
        item('export-report', 'Export Report of the Run…'),
        item('export-layers', 'Export Layer Table as CSV…'),
        line,
        item('settings', 'Settings…', 'CmdOrCtrl+,'),
        line,
        mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        item('undo', 'Undo', 'CmdOrCtrl+Z'),
        item('redo', 'Redo', 'CmdOrCtrl+Shift+Z'),
        line,
        { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' },
        line,
        item('find', 'Find Node'),
      ],
    },
    { label: '&Run', submenu: [item('run', 'Calibrate and Quantize', 'CmdOrCtrl+Enter'), item('sweep', 'Sweep over Methods and Schemes', 'CmdOrCtrl+Shift+Enter'), item('cancel', 'Cancel')] },
    {
      label: '&View',
      submenu: [
        item('overlay-error', 'Error'),
        item('overlay-precision', 'Precision'),
        item('overlay-placement', 'Placement'),
        item('overlay-operator', 'Operator'),
        item('overlay-cost', 'Cost'),
        line,
        item('fit', 'Fit Graph to Window'),
        item('toggle-theme', 'Light or Dark'),
        line,
        { role: 'reload' }, { role: 'toggleDevTools' },
        line,
        { role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { role: 'togglefullscreen' },
      ],
    },
    ...onMac({ role: 'windowMenu' }),
    { role: 'help', submenu: [item('shortcuts', 'Keyboard Shortcuts'), item('about', `About ${app.getName()}`)] },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
