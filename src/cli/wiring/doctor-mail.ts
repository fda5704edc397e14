/**
 * What `doctor` finds out about the way out by mail, as the settings have it. No mail is sent.
 *
 * Problems: configuration-error.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { tryMailServer } from '#adapters/mail/try-mail-server.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeMailServer, judgeSendmail } from '#pipeline/doctor/judge-mail.ts';
import type { SendmailFacts } from '#pipeline/doctor/judge-mail.ts';
import type { Invocation } from '#cli/command.ts';
import { senderOf } from './submitter.ts';
import { smtpOptionsOf } from './transports.ts';

/** Nobody's, and not ours, so the server has to relay for us (RFC 2606 3). */
const STRANGER = 'postmaster@example.com';

export async function mailFindings(invocation: Invocation): Promise<Finding[]> {
  const { smtp, smtpUser, sendmail } = invocation.settings;
  if (sendmail) return judgeSendmail(sendmailFacts(sendmail[0], invocation.environment['PATH'] ?? ''));
  const sender = senderOf(invocation.settings);
  const trial = await tryMailServer(smtpOptionsOf(invocation), { from: sender, to: STRANGER });
  return judgeMailServer({ server: smtp, sender, wantsLogin: smtpUser !== undefined, trial });
}

/** As the user of this process; a name without a slash is looked for as a shell does. */
function sendmailFacts(path: string, searched: string): SendmailFacts {
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
