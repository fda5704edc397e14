/**
 * What a kind of durable file is: its tables, and the statements by which it changes.
 */
import type { SqliteDatabase } from './sqlite.ts';

export interface FileKind {
  /** Shown to people: `sessions of one day`. */
  readonly name: string;
  readonly version: number;
  readonly tables: string;
  /** Deterministic SQL by name: the journal holds the names. */
  readonly statements: Readonly<Record<string, string>>;
  /** By version: the SQL that makes a file of that version one of the next. An older file is brought up when it is read. */
  readonly upgrades?: Readonly<Record<number, string>>;
  /** For journals that hold datagrams: the statements that stand beside them, and how many bytes of those there are at most. */
  readonly besideDatagrams?: { readonly statements: readonly string[]; readonly maxBytes: number };
  /** For journals that hold datagrams: makes what brings those of one journal after the other into the database. */
  readonly datagramReplay?: (database: SqliteDatabase) => DatagramReplay;
}

export interface DatagramReplay {
  /** False for what nobody wrote as datagrams: nothing of it counts. */
  take(payload: Buffer): boolean;
  /** Brings everything that was taken into the database. Returns what had to be left out for that, as sentences. */
  finish(): string[];
}
