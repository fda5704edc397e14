/**
 * The port through which publish brings this host's days to where many hosts keep theirs: a search engine.
 *
 * Of each day there are documents, and one note that says how complete they are. A day is published in three steps: `begin` writes into the note that
 * publication N is under way, `write` writes and removes documents as of N, and `finish` makes them visible and says in the note that all of N is there. So
 * a publication that was killed shows, and what is delayed on its way cannot undo what a later one wrote. All of it can be repeated. Whoever else
 * changes the note meanwhile has the same identity: that is `cluster-conflict`.
 *
 * Each rejects with a Problem: cluster-unreachable, cluster-refused, cluster-conflict.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DayDocument } from './day-documents.ts';

/** What is said of the documents of a day. */
export interface DayNote {
  readonly day: UtcDay;
  /** The identity of the state directory that collected it. */
  readonly origin: string;
  /** For people. */
  readonly host: string;
  /** No more will come, as far as its collector knows. */
  readonly closed: boolean;
  readonly documents: number;
  readonly successful: number;
  readonly failed: number;
  /** What the host has of the day and cannot count, as phrases. */
  readonly leftOut: readonly string[];
  /** In which version the day was read on its host. */
  readonly version: string;
  /** Seconds since the epoch; later each time. */
  readonly publishedSeconds: number;
}

export interface KnownNote {
  readonly note: DayNote;
  /** The last publication that was begun; counted from 1. */
  readonly publication: number;
  /** All of that is there. */
  readonly isFinished: boolean;
  /** By which the index sees whether somebody else has changed it. */
  readonly stamp: object;
}

export interface DocumentChanges {
  readonly day: UtcDay;
  readonly publication: number;
  readonly written: readonly DayDocument[];
  /** Ids. */
  readonly removed: readonly string[];
}

export interface DayIndex {
  /** Where it is, for people. */
  readonly name: string;
  /** Says how documents are to be searched, where the engine does not know yet. To be called first. */
  prepare(): Promise<void>;
  /** Of all days of one origin. */
  notes(origin: string): Promise<ReadonlyMap<UtcDay, KnownNote>>;
  /** By id, the digests of the documents that are there. */
  digests(origin: string, day: UtcDay): Promise<Map<string, string>>;
  /** `known` is undefined for a day that has no note yet. */
  begin(note: DayNote, known: KnownNote | undefined): Promise<KnownNote>;
  write(changes: DocumentChanges): Promise<void>;
  finish(note: DayNote, begun: KnownNote): Promise<KnownNote>;
  close(): void;
}
