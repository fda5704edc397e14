/**
 * The port through which publish brings this host's days to where many hosts keep theirs: a search engine.
 *
 * Of each day there are documents, and one note that says how complete they are. A day is published in four steps: `begin` writes into the note that
 * publication N is under way, `write` writes and removes documents as of N, `settle` makes them visible, and `finish` says in the note that all of N is
 * there. So a publication that was killed shows, and what is delayed on its way cannot undo what a later one wrote. All of it can be repeated. Whoever else
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

/** What the index has of a day of one origin. */
export interface KnownDocuments {
  /** By id. */
  readonly digests: Map<string, string>;
  /** The latest publication that any of them is of; 0 where there is none. A note that was lost, or is an old one again, does not know of it. */
  readonly publication: number;
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
  /** All that were written, also by a publication that was killed. */
  documents(origin: string, day: UtcDay): Promise<KnownDocuments>;
  /** `known` is undefined for a day that has no note. The publication comes after the one that it names, and after `later`. */
  begin(note: DayNote, known: KnownNote | undefined, later?: number): Promise<KnownNote>;
  write(changes: DocumentChanges): Promise<void>;
  /** Makes visible what was written, and returns how many documents there are then. */
  settle(origin: string, day: UtcDay): Promise<number>;
  finish(note: DayNote, begun: KnownNote): Promise<KnownNote>;
  close(): void;
}
