/**
 * What Postfix logged in the last day where it could not report, wherever that is: in files of its own (maillog_file), in the journal, or where syslog
 * writes what is of mail.
 */
import { complaintsInFile, complaintsInJournal } from '#adapters/postfix/read-complaints.ts';
import type { PostfixLog } from '#pipeline/doctor/judge-postfix-log.ts';
import type { FoundHost } from '#pipeline/setup/plan-setup.ts';

const MAIL_LOG = '/var/log/mail.log';

type Host = Pick<FoundHost, 'instances' | 'hasSystemd'>;

export function postfixLog(host: Host, nowMs: number, mailLog = MAIL_LOG): PostfixLog {
  const files = new Set(host.instances.map(({ parameters }) => parameters['maillog_file'] ?? ''));
  const logs = [...files].map((file) =>
    file === ''
      ? systemLog(host, mailLog, nowMs)
      : (complaintsInFile(file, nowMs) ?? elsewhere(`${file} is not a file.`)),
  );
  return {
    complaints: logs.flatMap(({ complaints }) => complaints),
    unread: logs.map(({ unread }) => unread).find((why) => why !== undefined),
  };
}

/** A journal that cannot be read, or is not kept, may have a file beside it. */
function systemLog({ hasSystemd }: Host, mailLog: string, nowMs: number): PostfixLog {
  const journal = hasSystemd ? complaintsInJournal() : elsewhere(`There is no ${mailLog}.`);
  return journal.unread === undefined ? journal : (complaintsInFile(mailLog, nowMs) ?? journal);
}

function elsewhere(why: string): PostfixLog {
  return { complaints: [], unread: { why, isElsewhere: true } };
}
