/**
 * What can be wrong with a file of the state directory, each with the file's name and what to do.
 */
import { errnoOf, messageOf, Problem } from '#support/problem.ts';
import type { ProblemCode } from '#support/problem-code.ts';

export type StoreProblemCode = Extract<ProblemCode, `store-${string}` | 'disk-full'>;

export class StoreProblem extends Problem {
  declare readonly code: StoreProblemCode;
}

export function lockedProblem(path: string, holder: string): StoreProblem {
  return new StoreProblem('store-locked', `${path} is being written by ${holder}. Wait for it to end, or stop it.`);
}

export function damagedProblem(path: string, why: string): StoreProblem {
  return new StoreProblem(
    'store-damaged',
    `${path} is damaged (${why}). Move it aside with the other files of its name, or restore them from a backup.`,
  );
}

export function wrongSchemaProblem(path: string, found: string, expected: string): StoreProblem {
  return new StoreProblem(
    'store-wrong-schema',
    `${path} holds ${found}, this version of tlsrpt reads ${expected}. Use the version that wrote it, or move the file aside.`,
  );
}

/** `path` is named for another day than the one that it holds. */
export function misnamedProblem(path: string, holds: string): StoreProblem {
  return new StoreProblem(
    'store-misnamed',
    `${path} holds the sessions of ${holds}: it was copied or renamed. Give it back its name, or move it aside.`,
  );
}

/** Nothing can go on behind what was journaled: numbers of frames and datagrams stand for what is not there any more. */
export function replacedProblem(path: string): StoreProblem {
  return new StoreProblem(
    'store-replaced',
    `The files of ${path} were removed or replaced by somebody else while they were written: what they held is lost. ` +
      'The collector ends, and goes on with what is there when it is started again.',
  );
}

/** For what the system has against reading it; anything else is a bug and is thrown as it is. */
export function readProblem(path: string, error: unknown): StoreProblem {
  if (errnoOf(error) === undefined) throw error;
  return new StoreProblem('store-not-readable', `${path} cannot be read: ${messageOf(error)}.`, { cause: error });
}

/** For what is there and is not what it should be, and may be another time. */
export function unreadableProblem(path: string, why: string): StoreProblem {
  return new StoreProblem('store-not-readable', `${path} cannot be read: ${why}.`);
}

/** Names the file in what keeps `read` from reading it. */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw readProblem(path, error);
  }
}

/** Names the file in what keeps `write` from writing it. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw writeProblem(path, error);
  }
}

/** A problem that already has a name of its own passes through. What the system did not say is a bug and is thrown as it is. */
export function writeProblem(path: string, error: unknown): Problem {
  if (error instanceof Problem) return error;
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new StoreProblem(
      'disk-full',
      `${path} cannot be written: no space is left. Free some, then run this again.`,
      { cause: error },
    );
  }
  return new StoreProblem('store-not-writable', `${path} cannot be written: ${messageOf(error)}.`, { cause: error });
}

/**
 * For a private copy of what another host gave: throws when `error` is the fault of our own disk, which the copy is not to blame for. A disk
 * that does not give again what was written to it a moment ago is one that cannot be written to.
 */
export function throwDiskFault(path: string, error: unknown): void {
  if (error instanceof StoreProblem && ['disk-full', 'store-not-writable'].includes(error.code)) throw error;
  const cause = error instanceof StoreProblem ? error.cause : error;
  if (errnoOf(cause) !== undefined) throw writeProblem(path, cause);
}

/** For what must end nothing, such as a look into somebody else's folder. Undefined when the disk refuses; a bug passes through. */
export function unlessRefused<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    requireRefusal(error);
    return undefined;
  }
}

/** The same of what the caller waits for. */
export async function unlessRefusedLater<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    requireRefusal(error);
    return undefined;
  }
}

function requireRefusal(error: unknown): void {
  if (errnoOf(error) === undefined && !(error instanceof StoreProblem)) throw error;
}
