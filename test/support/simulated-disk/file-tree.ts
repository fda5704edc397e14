/**
 * Directories and names in memory, with the name changes that no sync of their directory has made last yet.
 */
import { normalize } from 'node:path/posix';
import { errnoOf } from '#support/problem.ts';
import { systemError } from './system-error.ts';
import type { SimulatedFile } from './simulated-file.ts';

export class SimulatedDirectory {
  readonly kind = 'directory';
  readonly inode: number;
  readonly entries = new Map<string, SimulatedNode>();
  /** The names that are on the disk for certain. */
  readonly durable = new Map<string, SimulatedNode>();
  modifiedMs: number;

  constructor(inode: number, modifiedMs: number) {
    this.inode = inode;
    this.modifiedMs = modifiedMs;
  }
}

export type SimulatedNode = SimulatedFile | SimulatedDirectory;

export interface Place {
  readonly directory: SimulatedDirectory;
  readonly name: string;
}

/** A name that goes, one that comes, or both at once: a rename. */
export interface NameChange {
  readonly node: SimulatedNode;
  readonly takes?: Place;
  readonly puts?: Place;
}

export class FileTree {
  readonly root: SimulatedDirectory;
  unsynced: NameChange[] = [];

  constructor(root: SimulatedDirectory) {
    this.root = root;
  }

  find(path: string): SimulatedNode | undefined {
    const names = namesIn(path);
    return names.length === 0 ? this.root : entryAt(this.placeOf(path));
  }

  /** As `find`, also when a directory on the way is missing. */
  findOrMissing(path: string): SimulatedNode | undefined {
    try {
      return this.find(path);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  existing(path: string): SimulatedNode {
    return this.find(path) ?? systemError('ENOENT', path);
  }

  /** Where the last name of a path is or would be. */
  placeOf(path: string): Place {
    const names = namesIn(path);
    const name = names.pop() ?? systemError('EBUSY', path);
    let directory = this.root;
    for (const step of names) {
      const next = directory.entries.get(step) ?? systemError('ENOENT', path);
      directory = next.kind === 'directory' ? next : systemError('ENOTDIR', path);
    }
    return { directory, name };
  }

  change(change: NameChange, nowMs: number): void {
    applyTo('entries', change);
    for (const place of [change.takes, change.puts]) if (place) place.directory.modifiedMs = nowMs;
    this.unsynced.push(change);
  }

  /** What concerns a directory lasts, and with a rename what came before it in the other one: the disk keeps one journal. */
  sync(directory: SimulatedDirectory, begun: readonly NameChange[] = this.unsynced): void {
    const concerned = new Set([directory]);
    const lasting = new Set<NameChange>();
    const still = new Set(this.unsynced);
    for (const change of begun.filter((one) => still.has(one)).reverse()) {
      const places = placesIn(change);
      if (!places.some((place) => concerned.has(place.directory))) continue;
      for (const place of places) concerned.add(place.directory);
      lasting.add(change);
    }
    for (const change of this.unsynced) if (lasting.has(change)) applyTo('durable', change);
    this.unsynced = this.unsynced.filter((change) => !lasting.has(change));
  }
}

export function entryAt({ directory, name }: Place): SimulatedNode | undefined {
  return directory.entries.get(name);
}

function applyTo(which: 'entries' | 'durable', { node, takes, puts }: NameChange): void {
  takes?.directory[which].delete(takes.name);
  puts?.directory[which].set(puts.name, node);
}

function placesIn({ takes, puts }: NameChange): Place[] {
  return [takes, puts].filter((place) => place !== undefined);
}

function namesIn(path: string): string[] {
  return normalize(path)
    .split('/')
    .filter((name) => name !== '' && name !== '.');
}
