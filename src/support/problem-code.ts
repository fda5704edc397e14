/**
 * The codes of all problems that can end a command, in the order of the alphabet, so that two that are added do not get in each other's way.
 *
 * A code is a promise: scripts read it. Each has its exit code in cli/exit-code.ts and a paragraph in docs/operating.md; the compiler and
 * `npm run check` find what is missing. That they are named here says nothing of where they come from.
 */
export type ProblemCode =
  | 'collector-not-running'
  | 'configuration-error'
  | 'disk-full'
  | 'file-not-written'
  | 'foreign-configuration-unreadable'
  | 'foreign-database-unreadable'
  | 'foreign-program-running'
  | 'hosts-missing'
  | 'inherited-socket-unusable'
  | 'internal-error'
  | 'last-run-failed'
  | 'last-run-overdue'
  | 'native-library-unavailable'
  | 'no-permission'
  | 'node-unsuitable'
  | 'not-suppressed'
  | 'nothing-to-requeue'
  | 'postfix-not-found'
  | 'postfix-without-tlsrpt'
  | 'receiver-stuck'
  | 'report-ambiguous'
  | 'report-not-found'
  | 'socket-in-use'
  | 'socket-not-created'
  | 'socket-path-invalid'
  | 'socket-removed'
  | 'state-directory-missing'
  | 'store-damaged'
  | 'store-locked'
  | 'store-misnamed'
  | 'store-not-readable'
  | 'store-not-writable'
  | 'store-replaced'
  | 'store-wrong-schema'
  | 'system-command-failed'
  | 'usage-error'
  | 'wrong-user';
