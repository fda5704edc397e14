/**
 * The port through which fetch reads a day of another host, one implementation for each technology.
 *
 * `copyDay` copies the journals of the day, `sessions/DAY.N.journal` for each N there is, the lowest first, and then its snapshot,
 * `sessions/DAY.sqlite`, when there is one, to `INTO.N.journal` and `INTO.sqlite`. In this order a checkpoint at the source cannot cost
 * anything: the snapshot contains what it removed. The snapshot gets the time of its original. Of a state directory that has nothing of the
 * day, and is `absent`, the file `identity` is copied to `INTO.identity` when there is one. After any other result what is at INTO means
 * nothing. A repeated call copies again.
 *
 * It resolves for everything the source or the network can do, within the time-outs the implementation was given. Names in a directory
 * of somebody else are foreign: it looks at no more than 20,000, copies no more than 64 journals, and refuses a snapshot, or journals
 * together, larger than its bound (4 GiB by default). It rejects, with the system's error, only when INTO cannot be written.
 * Whether the copy is any good is for fetch to find out.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** Two versions of a file that are the same in this are taken for the same. */
export interface FileVersion {
  readonly sizeBytes: number;
  /** Seconds since the epoch: finer times do not survive SFTP. */
  readonly modifiedSeconds: number;
  /** Its beginning: two changes within a second and of the same size show there. */
  readonly head: Uint8Array;
}

export type Progress = (done: number, total: number) => void;

export interface Transfer {
  readonly progress?: Progress | undefined;
  /** Once it aborts, nobody waits any more: the implementation ends what it holds open, and writes nothing further. */
  readonly signal?: AbortSignal | undefined;
}

export interface CopyWish extends Transfer {
  /** The copy that is here already; when the original is still the same, or nobody can tell, it is not copied again. */
  readonly known?: FileVersion;
  /** What there is so far is wanted as well; who gives it anyway may pass over this. */
  readonly partial?: boolean;
}

export type CopyFailure =
  /** Worth another try: the network, a host that is down. */
  | { readonly kind: 'unreachable'; readonly why: string }
  /** Stays so until the operator does something. `ofDay`: other days of the source may be given all the same. */
  | { readonly kind: 'refused'; readonly why: string; readonly advice: string; readonly ofDay?: boolean };

export type CopyResult =
  /**
   * `journal`: there was at least one, so the source has not closed the day. `leftOut`: what the source has of the day and cannot count, as
   * phrases.
   */
  | { readonly kind: 'copied'; readonly journal: boolean; readonly leftOut?: readonly string[] }
  /** Only with `known`. */
  | { readonly kind: 'unchanged' }
  /** The source can be read and has nothing for that day. */
  | { readonly kind: 'absent' }
  /** The source had the day, or may have had it, and will never give it any more. */
  | { readonly kind: 'gone'; readonly why: string; readonly advice: string }
  /** The source says itself that the day is not complete, and gives nothing of it. */
  | { readonly kind: 'not-closed' }
  /** What the source gives cannot be what it should be. */
  | { readonly kind: 'damaged'; readonly why: string }
  | CopyFailure;

export interface StateSource {
  /** What people see, the same in each run: the place of the copies under fetched/ follows from it. Without secrets. */
  readonly name: string;
  /** True for one that may read, on this very host, what was moved here already: a program, a file. */
  readonly mayReadHere?: boolean;
  /**
   * Of a place where many hosts keep their days: a source for each of them that may have something of the day, or has published lately. Then `copyDay`
   * copies nothing: it says why the place cannot be read, or `absent`. The name of each begins with that of the place and `#`.
   */
  readonly hosts?: (day: UtcDay, signal?: AbortSignal) => Promise<readonly StateSource[] | CopyFailure>;
  /** `into` is a path without `.sqlite`, in a directory that exists; no journals of an earlier copy are there. */
  copyDay(day: UtcDay, into: string, wish?: CopyWish): Promise<CopyResult>;
}
