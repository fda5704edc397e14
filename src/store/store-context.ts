/**
 * What the parts of one opened store share.
 */
import type { Sqlite } from './durable/sqlite.ts';
import type { StateDirectory } from './state-directory.ts';

export interface StoreContext {
  readonly sqlite: Sqlite;
  readonly state: StateDirectory;
}
