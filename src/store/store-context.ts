/**
 * What the parts of one opened store share.
 */
import type { DatabaseContext } from './durable/database-file.ts';
import type { StateDirectory } from './state-directory.ts';

export interface StoreContext extends DatabaseContext {
  readonly state: StateDirectory;
}
