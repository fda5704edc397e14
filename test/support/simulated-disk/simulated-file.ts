/**
 * A file in memory that knows which of its bytes are on the disk and which only in the page cache.
 *
 * `unsynced` has the writes since the last sync, in order, so that a loss of power can leave any of them out.
 */
import { GrowingBytes } from './growing-bytes.ts';

/** One thing that happened to the content and is not on the disk yet. */
export type ContentChange =
  | { readonly kind: 'written'; readonly at: number; readonly bytes: Buffer; readonly number: number }
  | { readonly kind: 'emptied'; readonly number: number };

/** A kernel does not keep more than some of what was written in memory either. */
const WRITE_BACK_BYTES = 32 * 1024 * 1024;

export class SimulatedFile {
  readonly kind = 'file';
  readonly inode: number;
  /** What whoever reads it sees. */
  readonly content = new GrowingBytes();
  /** What is on the disk for certain. */
  readonly durable = new GrowingBytes();
  unsynced: ContentChange[] = [];
  modifiedMs: number;
  /** How many names it has. */
  names = 0;
  /** How many descriptors are open on it. */
  opened = 0;
  #unsyncedBytes = 0;
  #changes = 0;

  constructor(inode: number, modifiedMs: number) {
    this.inode = inode;
    this.modifiedMs = modifiedMs;
  }

  write(bytes: Uint8Array, at: number): void {
    if (bytes.length === 0) return;
    this.content.write(bytes, at);
    this.unsynced.push({ kind: 'written', at, bytes: Buffer.from(bytes), number: ++this.#changes });
    this.#unsyncedBytes += bytes.length;
    if (this.#unsyncedBytes > WRITE_BACK_BYTES) this.sync();
  }

  empty(): void {
    this.content.clear();
    this.unsynced.push({ kind: 'emptied', number: ++this.#changes });
  }

  /** Everything up to here, or up to what was `lastChange` when the sync began, reaches the disk. */
  sync(upTo = this.#changes): void {
    for (const change of this.unsynced) {
      if (change.number > upTo) break;
      if (change.kind === 'emptied') this.durable.clear();
      else this.durable.write(change.bytes, change.at);
    }
    this.#forget(upTo);
  }

  get lastChange(): number {
    return this.#changes;
  }

  /** The kernel could not write it and takes it for written all the same. Readers see it for as long as it is cached. */
  dropUnsynced(isCached: boolean): void {
    this.#forget(this.#changes);
    if (isCached) return;
    this.content.clear();
    this.content.write(this.durable.bytes(), 0);
  }

  #forget(upTo: number): void {
    this.unsynced = this.unsynced.filter(({ number }) => number > upTo);
    this.#unsyncedBytes = this.unsynced.reduce(
      (total, change) => total + (change.kind === 'written' ? change.bytes.length : 0),
      0,
    );
  }
}
