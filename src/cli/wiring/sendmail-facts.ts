/**
 * Whether the program of send.sendmail is there to be run.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { SendmailFacts } from '#pipeline/doctor/judge-mail.ts';

/** As the user of this process; a name without a slash is looked for as a shell does. */
export function sendmailFacts(path: string, searched: string): SendmailFacts {
  const candidates = path.includes('/') ? [path] : searched.split(delimiter).map((directory) => join(directory, path));
  const kinds = candidates.map(kindOf);
  return { path, kind: (['executable', 'not-executable'] as const).find((kind) => kinds.includes(kind)) ?? 'missing' };
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
