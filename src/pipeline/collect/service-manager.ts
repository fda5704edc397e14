/**
 * The port to whoever started the collector and watches over it.
 *
 * Nothing here fails: a collector goes on receiving whether it is watched or not. `alive` may be called as often as the collector's
 * loop turns; the implementation passes on what is due.
 */
export interface ServiceManager {
  /** Datagrams can come. */
  ready(status: string): void;
  alive(nowMs: number, status: () => string): void;
  /** The collector was told to end and saves what it has. */
  stopping(): void;
}

export const noServiceManager: ServiceManager = {
  ready: () => undefined,
  alive: () => undefined,
  stopping: () => undefined,
};
