/**
 * Whether the program of send.sendmail is there to be run.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { SendmailFacts } from '#pipeline/doctor/judge-mail.ts';

export interface FoundSendmail extends Omit<SendmailFacts, 'confinedBy'> {
  /** Where it is, unless it is missing. */
  readonly place: string | undefined;
}

/** As the user of this process; a name without a slash is looked for as a shell does. */
export function sendmailFacts(path: string, searched: string): FoundSendmail {
  const candidates = path.includes('/') ? [path] : searched.split(delimiter).map((directory) => join(directory, path));
  const found = candidates.map((place) => ({ path, place, kind: kindOf(place) }));
  const first = (['executable', 'not-executable'] as const).map((kind) => found.find((one) => one.kind === kind));
  return first.find((one) => one !== undefined) ?? { path, place: undefined, kind: 'missing' };
}

function kindOf(path: string): SendmailFacts['kind'] {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) return 'missing';
    accessSync(path, constants.X_OK);
    return 'executable';
  } catch {
    return 'not-executable'; // also in a directory that this user may not look into
  }
}
