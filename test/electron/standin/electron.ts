// Stands in for the `electron` module in main: each export runs in plain Node, windows are Chromium pages. The checks at
// the end hold every name to electron.d.ts, so that a stand-in for something that Electron does not have fails to compile.
import type * as Electron from 'electron';
import { app } from './app.ts';
import { BrowserWindow } from './browser-window.ts';
import { dialog, nativeTheme, screen } from './dialogs.ts';
import { ipcMain } from './ipc-main.ts';
import { Menu } from './menu.ts';
import { MessageChannelMain, type MessagePortMain } from './ports.ts';
import { protocol, session } from './session.ts';
import { utilityProcess, type UtilityProcess } from './utility-process.ts';
import type { WebContents } from './web-contents.ts';

const exported = { app, BrowserWindow, dialog, ipcMain, Menu, MessageChannelMain, nativeTheme, protocol, screen, session, utilityProcess };
exported satisfies { readonly [K in keyof typeof Electron]?: unknown };

/** Names of `Mine` that `Real` lacks; `standin` holds what tests need. */
type Invented<Mine, Real> = Exclude<keyof Mine, keyof Real | 'standin' | 'prototype'>;
type Nothing<T extends never> = T;
export type Checks = [
  Nothing<Invented<typeof app, Electron.App>>,
  Nothing<Invented<BrowserWindow, Electron.BrowserWindow>>,
  Nothing<Invented<typeof BrowserWindow, typeof Electron.BrowserWindow>>,
  Nothing<Invented<WebContents, Electron.WebContents>>,
  Nothing<Invented<typeof dialog, Electron.Dialog>>,
  Nothing<Invented<typeof ipcMain, Electron.IpcMain>>,
  Nothing<Invented<Menu, Electron.Menu>>,
  Nothing<Invented<typeof Menu, typeof Electron.Menu>>,
  // Its class is not exported by Electron: ports come from a MessageChannelMain.
  Nothing<Invented<MessagePortMain, Electron.MessagePortMain>>,
  Nothing<Invented<MessageChannelMain, Electron.MessageChannelMain>>,
  Nothing<Invented<typeof nativeTheme, Electron.NativeTheme>>,
  Nothing<Invented<typeof protocol, Electron.Protocol>>,
  Nothing<Invented<typeof screen, Electron.Screen>>,
  Nothing<Invented<typeof session, typeof Electron.session>>,
  Nothing<Invented<(typeof session)['defaultSession'], Electron.Session>>,
  Nothing<Invented<UtilityProcess, Electron.UtilityProcess>>,
];
dialog satisfies { readonly [K in keyof typeof dialog]: (...args: never[]) => ReturnType<Electron.Dialog[K]> };

export { app, BrowserWindow, dialog, ipcMain, Menu, MessageChannelMain, nativeTheme, protocol, screen, session, utilityProcess };
