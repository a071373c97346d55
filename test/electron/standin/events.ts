// Electron's event objects, and the record of calls that have no visible effect here.

export interface StandinEvent { defaultPrevented: boolean; preventDefault(): void }

export function makeEvent<T extends object>(details: T): T & StandinEvent {
  const event = { ...details, defaultPrevented: false, preventDefault: () => { event.defaultPrevented = true; } };
  return event;
}

export interface Call { readonly api: string; readonly args: readonly unknown[] }
const calls: Call[] = [];
export const note = (api: string, ...args: unknown[]): void => { calls.push({ api, args }); };
/** Calls of one API so far, by their arguments. */
export const callsOf = (api: string): (readonly unknown[])[] => calls.filter((call) => call.api === api).map((call) => call.args);
