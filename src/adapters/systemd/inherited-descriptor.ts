/**
 * The descriptor that systemd passes to a service which has a socket unit: sd_listen_fds(3).
 *
 * The variables name the process they are for, so a child that sees them does not take them for its own.
 * Problems: inherited-socket-unusable.
 */
import { Problem } from '#support/problem.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** SD_LISTEN_FDS_START: those before it are standard input, output and error. */
const FIRST_DESCRIPTOR = 3;

/** Undefined when there is none for the process `pid`. */
export function inheritedDescriptor(environment: Environment, pid: number): number | undefined {
  if (environment['LISTEN_PID'] !== String(pid)) return undefined;
  const count = environment['LISTEN_FDS'] ?? '0';
  if (count === '0') return undefined;
  if (count === '1') return FIRST_DESCRIPTOR;
  throw new Problem(
    'inherited-socket-unusable',
    `LISTEN_FDS=${count}: collect takes one inherited socket. Let the .socket unit have one ListenDatagram= and nothing else.`,
  );
}
