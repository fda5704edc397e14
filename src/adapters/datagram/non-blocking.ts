/**
 * Makes reading from a descriptor return at once when there is nothing to read, without the C library.
 *
 * Node.js cannot set O_NONBLOCK, but dd(1) of the GNU core utilities can: for its standard input, which shares the flags with the
 * descriptor it was given. They are also shared with systemd, which does not mind: it makes its sockets that way, only looks whether
 * something has come, and sets the flag anew for each process it starts, as NonBlocking= says.
 * Problems: inherited-socket-unusable.
 */
import { constants, readFileSync } from 'node:fs';
import { Problem } from '#support/problem.ts';
import { runCommand } from '#support/run-command.ts';

export function makeNonBlocking(fd: number): void {
  if (!isBlocking(fd)) return;
  const { complaint } = runCommand('dd', ['iflag=nonblock', 'count=0', 'status=none'], [fd]);
  if (!isBlocking(fd)) return;
  throw new Problem(
    'inherited-socket-unusable',
    `Reading from descriptor ${String(fd)} waits, and the command dd cannot change that${complaint && ` (${complaint})`}. ` +
      'Set NonBlocking=yes in the unit of the service.',
  );
}

function isBlocking(fd: number): boolean {
  const [, flags = '0'] = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${String(fd)}`, 'latin1')) ?? [];
  return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) === 0;
}
