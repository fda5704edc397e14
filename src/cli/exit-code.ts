/**
 * How the program ends, in the numbers of sysexits.h, and which problem ends it how.
 */
import { Problem } from '#support/problem.ts';
import type { ProblemCode } from '#support/problem-code.ts';

export const exitCode = {
  done: 0,
  /** What was asked after is there, as with `grep` the other way round: reports of failures. */
  failuresReported: 1,
  usage: 64,
  badInput: 65,
  unavailable: 69,
  bug: 70,
  cannotCreate: 73,
  tryAgainLater: 75,
  foundWrong: 76,
  wrongUser: 77,
  configuration: 78,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Why a run ends as it does, for those who watch over it: 75 alone does not tell what waits as it should from what is wrong. */
export type EndingReason = ProblemCode | 'day-not-collected' | 'deliveries-waiting' | 'records-unknown';

export interface Ending {
  readonly code: ExitCode;
  /** Empty when all is done. */
  readonly reasons: readonly EndingReason[];
}

export const allDone: Ending = { code: exitCode.done, reasons: [] };

/** What ended it with another code before goes on deciding that. */
export function orLater({ code, reasons }: Ending, reason: EndingReason): Ending {
  return { code: code === exitCode.done ? exitCode.tryAgainLater : code, reasons: [...reasons, reason] };
}

/** One row for each code; the compiler finds the one that is missing. */
export const exitCodeByProblem = {
  'cluster-conflict': exitCode.tryAgainLater,
  'cluster-refused': exitCode.configuration,
  'cluster-unreachable': exitCode.unavailable,
  'collector-not-running': exitCode.unavailable,
  'configuration-error': exitCode.configuration,
  'day-reported-alone': exitCode.configuration,
  'disk-full': exitCode.cannotCreate,
  'file-not-written': exitCode.cannotCreate,
  'foreign-configuration-unreadable': exitCode.badInput,
  'foreign-database-unreadable': exitCode.badInput,
  'foreign-program-running': exitCode.tryAgainLater,
  'hosts-missing': exitCode.tryAgainLater,
  'http-not-listening': exitCode.cannotCreate,
  'inherited-socket-unusable': exitCode.configuration,
  'internal-error': exitCode.bug,
  'last-run-failed': exitCode.unavailable,
  'last-run-overdue': exitCode.unavailable,
  'native-library-unavailable': exitCode.unavailable,
  'no-permission': exitCode.wrongUser,
  'node-unsuitable': exitCode.unavailable,
  'not-suppressed': exitCode.badInput,
  'nothing-to-requeue': exitCode.badInput,
  'postfix-not-found': exitCode.unavailable,
  'postfix-without-tlsrpt': exitCode.unavailable,
  'receiver-stuck': exitCode.unavailable,
  'report-ambiguous': exitCode.badInput,
  'report-not-found': exitCode.badInput,
  'socket-in-use': exitCode.cannotCreate,
  'socket-not-created': exitCode.cannotCreate,
  'socket-path-invalid': exitCode.cannotCreate,
  'socket-removed': exitCode.unavailable,
  'state-directory-missing': exitCode.configuration,
  'store-damaged': exitCode.badInput,
  'store-locked': exitCode.tryAgainLater,
  'store-misnamed': exitCode.badInput,
  'store-not-readable': exitCode.badInput,
  'store-not-writable': exitCode.cannotCreate,
  'store-replaced': exitCode.cannotCreate,
  'store-wrong-schema': exitCode.badInput,
  'system-command-failed': exitCode.unavailable,
  'thread-not-started': exitCode.unavailable,
  'usage-error': exitCode.usage,
  'wrong-user': exitCode.wrongUser,
} satisfies Readonly<Record<ProblemCode, ExitCode>>;

/** What is not a problem is a bug. */
export function problemCodeOf(error: unknown): ProblemCode {
  return error instanceof Problem ? error.code : 'internal-error';
}

export function exitCodeOf(error: unknown): ExitCode {
  return exitCodeByProblem[problemCodeOf(error)];
}
