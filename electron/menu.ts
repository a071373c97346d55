// The application menu. Its own items only send an action's id to the page; what the action does is the page's business.
import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuAction } from './menu-actions.ts';

export function installMenu(platform: NodeJS.Platform, send: (action: MenuAction) => void): void {
  // The page has these shortcuts itself, and knows when a text field has the keyboard; the menu shows them and stays out of the way.
  const item = (id: MenuAction, label: string, accelerator?: string): MenuItemConstructorOptions => ({
    id, label, click: () => send(id), ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
  });
  const line: MenuItemConstructorOptions = { type: 'separator' };
  const mac = platform === 'darwin';
  const onMac = (entry: MenuItemConstructorOptions): MenuItemConstructorOptions[] => (mac ? [entry] : []);
  const template: MenuItemConstructorOptions[] = [
    ...onMac({ role: 'appMenu' }),
    {
      label: '&File',
      submenu: [
        item('open-model', 'Open Model…', 'CmdOrCtrl+O'),
        item('open-sample', 'Open Sample'),
        ...onMac({ role: 'recentDocuments', submenu: [{ role: 'clearRecentDocuments' }] }),
        line,
        item('load-calibration', 'Open Calibration Data…'),
        item('load-evaluation', 'Open Evaluation Data…'),
        line,
        item('save-run', 'Save Quantized Model…', 'CmdOrCtrl+S'),
        item('export-graph', 'Export Graph as SVG…'),
        item('export-report', 'Export Report of the Run…'),
        item('export-layers', 'Export Layer Table as CSV…'),
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
    { label: '&Run', submenu: [item('run', 'Calibrate and Quantize', 'CmdOrCtrl+Enter'), item('cancel', 'Cancel')] },
    {
      label: '&View',
      submenu: [
        item('overlay-error', 'Error'),
        item('overlay-precision', 'Precision'),
        item('overlay-placement', 'Placement'),
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
    { role: 'help', submenu: [{ label: `About ${app.getName()}`, click: () => app.showAboutPanel() }] },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
