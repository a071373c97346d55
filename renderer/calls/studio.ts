// Studio: the door and the client of this page, as calls and actions need them.
import type { Client } from '../../core/contract/index.ts';
import type { Door } from '../doors/door.ts';

export interface Studio {
  readonly door: Door;
  /** Raises ENGINE_LOST while there is no connection. */
  client(): Client;
}
