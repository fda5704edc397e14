/**
 * The port through which fetch reads a single file of another program, one implementation for each technology.
 *
 * `copyTo` replaces what is at the path; after any result but `saved` nothing is there. It resolves for everything the source or the
 * network can do, refuses a file larger than its bound, and rejects only when the path cannot be written.
 */
import type { CopyFailure, Transfer } from './state-source.ts';

export type FileCopyResult = { readonly kind: 'saved' } | { readonly kind: 'missing' } | CopyFailure;

export interface ForeignFile {
  /** As for a state source. */
  readonly name: string;
  copyTo(path: string, transfer?: Transfer): Promise<FileCopyResult>;
}
