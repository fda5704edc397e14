/**
 * Finds out whether sys4's programs are at work on their databases.
 */
import { hiddenProcesses, processesUsing } from '#support/open-elsewhere.ts';
import type { FileUser } from '#support/open-elsewhere.ts';

const PROGRAMS = ['tlsrpt-collectd', 'tlsrpt-reportd'];

/** Each as a phrase, also one that may be and does not show what it has open; none where there are no databases. */
export function sys4ProgramsUsing(paths: readonly string[]): string[] {
  const seen = paths.flatMap((path) => processesUsing(path).map((user) => `${path} by ${shown(user)}`));
  const hidden =
    paths.length === 0
      ? []
      : hiddenProcesses(PROGRAMS).map((user) => `perhaps what ${shown(user)} has open, which only root sees`);
  return [...seen, ...hidden];
}

function shown({ pid, name }: FileUser): string {
  return `${name} (${String(pid)})`;
}
