/**
 * The reports that came to an SMTP sink, as their receivers tell them apart.
 */
import { groupBy } from '#support/group-by.ts';
import { readReportMail } from './read-report-mail.ts';
import type { SmtpSink } from './smtp-sink.ts';

export interface ReceivedReport {
  readonly domain: string;
  readonly reportId: string;
  readonly sessions: number;
}

interface Document {
  readonly 'report-id': string;
  readonly policies: readonly {
    readonly policy: { readonly 'policy-domain': string };
    readonly summary: { readonly 'total-successful-session-count': number };
  }[];
}

/** By domain, in the order in which they came. */
export async function receivedReports({ mails }: SmtpSink): Promise<Map<string, readonly ReceivedReport[]>> {
  const all: ReceivedReport[] = [];
  for (const { raw } of mails) {
    const { 'report-id': reportId, policies } = (await readReportMail(raw)).document as Document;
    const sessions = policies.reduce((sum, { summary }) => sum + summary['total-successful-session-count'], 0);
    all.push({ domain: policies[0]?.policy['policy-domain'] ?? '', reportId, sessions });
  }
  return groupBy(all, ({ domain }) => domain);
}
