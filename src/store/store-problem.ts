/**
 * What can be wrong with a file of the state directory, each with the file's name and what to do.
 */
import { dirname } from 'node:path';
import { currentUserName } from '#support/become-user.ts';
import { LET_IT_OPEN_MORE } from '#support/file-limit.ts';
import { errnoOf, messageOf, Problem, ProblemOfOne } from '#support/problem.ts';
import type { ProblemCode } from '#support/problem-code.ts';
import { whoseElse } from '#support/whose.ts';

export type StoreProblemCode = Extract<ProblemCode, `store-${string}` | 'disk-full'>;

const storeProblemCodes: Readonly<Record<StoreProblemCode, true>> = {
  'disk-full': true,
  'store-damaged': true,
  'store-locked': true,
  'store-misnamed': true,
  'store-not-readable': true,
  'store-not-writable': true,
  'store-replaced': true,
  'store-wrong-schema': true,
};

export function isStoreProblemCode(code: string): code is StoreProblemCode {
  return Object.hasOwn(storeProblemCodes, code);
}

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

/** What a directory without it stores would be taken for that of another one, or of none. */
export function damagedIdentityProblem(path: string): StoreProblem {
  return new StoreProblem(
    'store-damaged',
    `${path} is damaged (it is not what was made when the directory was), so nothing is stored or reported. Restore it from a backup. Without ` +
      'one remove it: days that were begun keep the identity that they have, and those that follow get a new one.',
  );
}

/** What is damaged is at hand still, as its host has it: for a kept copy of another host's day. */
export function namingCopy<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StoreProblem) || error.code !== 'store-damaged') throw error;
    throw new StoreProblem(
      'store-damaged',
      `${path}, a copy of what another host has, is damaged. Fetch that day again, which replaces it.`,
      { cause: error },
    );
  }
}

export function damagedReport(reportId: string, why: string): ProblemOfOne {
  return new ProblemOfOne(
    'store-damaged',
    `The report ${reportId} in the outbox is damaged (${why}), and all others go on. Look at the disk; ` +
      'restore the outbox of its day from a backup if the report is needed.',
  );
}

export function wrongSchemaProblem(path: string, found: string, expected: string): StoreProblem {
  return new StoreProblem(
    'store-wrong-schema',
    `${path} holds ${found}, this version of tlsrpt reads ${expected}. Use the version that wrote it, or move the file aside.`,
  );
}

export function damagedInboundReport(path: string, number: number, why: string): ProblemOfOne {
  return new ProblemOfOne(
    'store-damaged',
    `The report with number ${String(number)} in ${path} is damaged (${why}), and all others go on. Look at the disk; read the report again, ` +
      'or restore the file from a backup, if it is needed.',
  );
}

/** `path` is named for another day than that of what it `holds`. */
export function misnamedProblem(path: string, holds: string): StoreProblem {
  return new StoreProblem(
    'store-misnamed',
    `${path} holds ${holds}: it was copied or renamed. Give it back its name, or move it aside.`,
  );
}

/** A piece of a day (piece-names.ts) of which not all counts. The first sentence of its message says what is wrong, the others what to do. */
export class PieceProblem extends StoreProblem {
  /** The same as the first sentence, without a full stop. */
  readonly phrase: string;

  constructor(code: StoreProblemCode, phrase: string, remedy: string) {
    super(code, `${phrase}. ${remedy}`);
    this.phrase = phrase;
  }
}

/** None can be numbered behind `path`, which is named as `what` is. */
export function lastNumberProblem(path: string, what: string): StoreProblem {
  return new StoreProblem(
    'store-misnamed',
    `${path} has the highest number that ${what} can have, so none can follow it: it was not written by tlsrpt. Move it aside.`,
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

/** `path` is that of the lock. Nobody can take it back: whoever has another one writes the same files. */
export function lockReplacedProblem(path: string): StoreProblem {
  return new StoreProblem(
    'store-replaced',
    `The lock ${path} was removed or replaced by somebody else while it was held, so another collector may write the same files. ` +
      'This one ends, and goes on with what is there when it is started again. Find out what removes the file.',
  );
}

/** For what the system has against reading it; anything else is a bug and is thrown as it is. */
export function readProblem(path: string, error: unknown): StoreProblem {
  if (errnoOf(error) === undefined) throw error;
  const remedy = remedyFor(path, error, 'Let the user that runs this read it.');
  return new StoreProblem('store-not-readable', `${path} cannot be read: ${messageOf(error)}.${remedy}`, {
    cause: error,
  });
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
  const remedy = remedyFor(path, error, 'Let the user that runs this write to it and to its directory.');
  return new StoreProblem('store-not-writable', `${path} cannot be written: ${messageOf(error)}.${remedy}`, {
    cause: error,
  });
}

const IN_ITS_PLACE = 'Something of another kind is in its place, or in that of its directory: move that aside.';

const remedies: Readonly<Record<string, string>> = {
  EFBIG: 'Let it write larger files: LimitFSIZE= in its unit, or ulimit -f.',
  EIO: 'Look at the disk, and at what the kernel says of it.',
  EMFILE: LET_IT_OPEN_MORE,
  ENFILE: LET_IT_OPEN_MORE,
  EROFS: 'Mount its file system so that it can be written to, or choose another state directory.',
  EEXIST: IN_ITS_PLACE,
  EISDIR: IN_ITS_PLACE,
  ENOTDIR: IN_ITS_PLACE,
  ELOOP: IN_ITS_PLACE,
  ENXIO: IN_ITS_PLACE,
  ESPIPE: IN_ITS_PLACE,
};

/** A sentence behind the others; empty for what the system says too seldom to know what helps. */
function remedyFor(path: string, error: unknown, ifForbidden: string): string {
  const errno = errnoOf(error) ?? '';
  const isForbidden = errno === 'EACCES' || errno === 'EPERM';
  const remedy = isForbidden ? `${ifForbidden}${ownerRemedy(path)}` : remedies[errno];
  return remedy === undefined ? '' : ` ${remedy}`;
}

/** What root has made by mistake is given back; what is somebody else's is theirs. */
function ownerRemedy(path: string): string {
  const owner = whoseElse(path);
  if (!owner) return '';
  const belongs = ` ${owner.path} belongs to ${owner.user}`;
  if (!owner.isRoot) return `${belongs}: run this as that user, or as root.`;
  const isNear = owner.path === path || owner.path === dirname(path);
  return isNear ? `${belongs}; if that is a mistake: chown -R ${currentUserName()} ${dirname(path)}.` : `${belongs}.`;
}

/**
 * For a private copy of what another host gave: throws when `error` is the fault of our own disk, which the copy is not to blame for. A disk
 * that does not give again what was written to it a moment ago is one that cannot be written to.
 */
function throwDiskFault(path: string, error: unknown): void {
  if (error instanceof StoreProblem && ['disk-full', 'store-not-writable'].includes(error.code)) throw error;
  const cause = error instanceof StoreProblem ? error.cause : error;
  if (errnoOf(cause) !== undefined) throw writeProblem(path, cause);
}

/** Whatever reading the foreign bytes of a private copy throws, the copy is to blame, unless it is our own disk that fails. */
export function blamingCopy<T>(
  path: string,
  read: () => T,
  whyOf: (error: unknown) => string = messageOf,
): T | { readonly kind: 'damaged'; readonly why: string } {
  try {
    return read();
  } catch (error) {
    throwDiskFault(path, error);
    return { kind: 'damaged', why: whyOf(error) };
  }
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
