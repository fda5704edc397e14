/**
 * How the program ends, in the numbers of sysexits.h.
 */
import { Problem } from '#support/problem.ts';

export const exitCode = {
  done: 0,
  usage: 64,
  badInput: 65,
  unavailable: 69,
  bug: 70,
  cannotCreate: 73,
  tryAgainLater: 75,
  configuration: 78,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

const byProblem: Readonly<Record<string, ExitCode>> = {
  'usage-error': exitCode.usage,
  'configuration-error': exitCode.configuration,
  'foreign-configuration-unreadable': exitCode.badInput,
  'native-library-unavailable': exitCode.unavailable,
  'socket-in-use': exitCode.cannotCreate,
  'socket-path-invalid': exitCode.cannotCreate,
  'socket-not-created': exitCode.cannotCreate,
  'inherited-socket-unusable': exitCode.configuration,
  'file-not-written': exitCode.cannotCreate,
  'report-not-found': exitCode.badInput,
  'nothing-to-requeue': exitCode.badInput,
  'store-locked': exitCode.tryAgainLater,
  'hosts-missing': exitCode.tryAgainLater,
  'store-damaged': exitCode.badInput,
  'store-wrong-schema': exitCode.badInput,
  'store-not-readable': exitCode.badInput,
  'store-not-writable': exitCode.cannotCreate,
  'disk-full': exitCode.cannotCreate,
};

/** A problem without a number of its own, and anything that is no problem, is a bug. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof Problem ? (byProblem[error.code] ?? exitCode.bug) : exitCode.bug;
}
