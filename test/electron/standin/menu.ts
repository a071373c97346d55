// Menu: a tree that tests click. Roles are checked, native behaviour is not there.
import type { MenuItemConstructorOptions } from 'electron';
import { BrowserWindow } from './browser-window.ts';

const ROLES: ReadonlySet<string> = new Set([
  'undo', 'redo', 'cut', 'copy', 'paste', 'pasteAndMatchStyle', 'delete', 'selectAll', 'reload', 'forceReload', 'toggleDevTools', 'resetZoom', 'zoomIn', 'zoomOut',
  'togglefullscreen', 'window', 'minimize', 'close', 'help', 'about', 'services', 'hide', 'hideOthers', 'unhide', 'quit', 'zoom', 'front', 'appMenu', 'fileMenu',
  'editMenu', 'viewMenu', 'windowMenu', 'shareMenu', 'recentDocuments', 'clearRecentDocuments',
] satisfies MenuItemConstructorOptions['role'][]);

export interface StandinMenuItem { readonly options: MenuItemConstructorOptions; readonly submenu: Menu | null }
let current: Menu | null = null;

export class Menu {
  readonly items: readonly StandinMenuItem[];
  constructor(items: readonly StandinMenuItem[] = []) { this.items = items; }
  static buildFromTemplate(template: readonly MenuItemConstructorOptions[]): Menu {
    return new Menu(template.map((options) => {
      if (options.role !== undefined && !ROLES.has(options.role)) throw new Error(`Unknown menu role: ${options.role}`);
      if (options.role === undefined && options.label === undefined && options.type !== 'separator') throw new Error('A menu item needs a label, a role or the type separator');
      return { options, submenu: Array.isArray(options.submenu) ? Menu.buildFromTemplate(options.submenu) : null };
    }));
  }
  static setApplicationMenu(menu: Menu | null): void { current = menu; }
  static getApplicationMenu(): Menu | null { return current; }
}

/** Every item below the application's menu bar. */
export function menuItems(menu: Menu | null = current): StandinMenuItem[] {
  return (menu?.items ?? []).flatMap((item) => [item, ...menuItems(item.submenu)]);
}
/** As if the user chose the item with this id. */
export function clickMenu(id: string): void {
  const item = menuItems().find(({ options }) => options.id === id);
  if (!item) throw new Error(`There is no menu item ${id}`);
  if (item.options.enabled === false) throw new Error(`The menu item ${id} is disabled`);
  // The stand-in's own objects are given where Electron would give its own.
  item.options.click?.(item as never, BrowserWindow.getFocusedWindow() as never, {});
}
