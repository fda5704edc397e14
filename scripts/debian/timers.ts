/**
 * Lets the timers of the machine run when the test wants it.
 */
import type { Machine } from './machine.ts';

const DELAYS = 'RandomizedDelaySec=0\nFixedRandomDelay=no\nAccuracySec=100ms';

/** `calendar` as systemd has it; without one they run as they are installed. */
export async function setTimers(machine: Machine, commands: readonly string[], calendar?: string): Promise<void> {
  const timers = commands.map((command) => `tlsrpt-${command}.timer`);
  for (const timer of timers) {
    const directory = `/etc/systemd/system/${timer}.d`;
    if (calendar === undefined) await machine.run('rm', '-rf', directory);
    else machine.write(`${directory}/test.conf`, `[Timer]\nOnCalendar=\nOnCalendar=${calendar}\n${DELAYS}\n`);
  }
  await machine.run('systemctl', 'daemon-reload');
  await machine.run('systemctl', 'try-restart', ...timers);
}
