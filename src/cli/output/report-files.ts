/**
 * The files that `report --out` writes: each report in the form that `--format` asks for, under the name of RFC 8460 5.1.
 *
 * As `eml` it is the mail just as it would be sent, signed where mails are signed here, one for each mailbox; a report that no mailbox asks
 * for has none.
 */
import { gzipSync } from 'node:zlib';
import { writeReportFiles } from '#adapters/directory/report-files.ts';
import type { ReportFile } from '#adapters/directory/report-files.ts';
import { envelopeOf, finishReportMail } from '#adapters/mail/finish-report-mail.ts';
import type { MailForm } from '#adapters/mail/finish-report-mail.ts';
import type { BuiltReport } from '#store/outbox/outbox-entries.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';
import { usageError } from '#cli/command.ts';
import type { Flag, Invocation } from '#cli/command.ts';
import { dkimSigningOf } from '#cli/wiring/dkim-signing.ts';
import { fromOf, senderOf } from '#cli/wiring/submitter.ts';

const formats = ['text', 'json', 'json.gz', 'eml'] as const;

type Format = (typeof formats)[number];

export const outFlags: readonly Flag[] = [
  { name: 'out', argument: 'DIR', help: 'Write each report to a file in this directory.' },
  {
    name: 'format',
    argument: 'FORMAT',
    help: 'With --out: text, json, json.gz or eml (the mail to each mailbox). Default: json.gz.',
  },
];

type WriteReports = (reports: Iterable<BuiltReport>) => Promise<void>;

/** Undefined when no files are requested. What is wrong with the request is found before anything is built. */
export function requestedFiles(invocation: Invocation): WriteReports | undefined {
  const { given, settings, clock } = invocation;
  const [directory, word] = [given.text('out'), given.text('format')];
  const format = word === undefined ? 'json.gz' : formats.find((known) => known === word);
  if (!format) throw usageError(`--format ${String(word)} is not known. Write ${formats.join(', ')}.`);
  if (directory === undefined) return undefined;
  if (format !== 'eml') return (reports) => writeReportFiles(directory, filesOf(reports, format));
  const signing = dkimSigningOf(invocation, senderOf(settings));
  const form = { ...fromOf(settings), signing, now: () => clock.nowMs() };
  return (reports) => writeReportFiles(directory, mailsOf(reports, form));
}

function* filesOf(reports: Iterable<BuiltReport>, format: Exclude<Format, 'eml'>): Generator<ReportFile> {
  for (const { outgoing } of reports) {
    yield {
      name: `${stemOf(outgoing.fileName)}.${format === 'text' ? 'txt' : format}`,
      content: contentOf(outgoing, format),
    };
  }
}

function contentOf({ document, summary }: OutgoingReport, format: Exclude<Format, 'eml'>): ReportFile['content'] {
  switch (format) {
    case 'text':
      return summary;
    case 'json':
      return document;
    case 'json.gz':
      return gzipSync(document);
  }
}

async function* mailsOf(reports: Iterable<BuiltReport>, form: MailForm): AsyncGenerator<ReportFile> {
  for (const { outgoing, destinations } of reports) {
    for (const [index, to] of destinations.flatMap(mailboxOf).entries()) {
      const copy = index === 0 ? '' : `.${String(index + 1)}`;
      const content = await finishReportMail(outgoing, envelopeOf(outgoing, to, form), form);
      yield { name: `${stemOf(outgoing.fileName)}${copy}.eml`, content };
    }
  }
}

function mailboxOf(uri: string): string[] {
  const reading = readDestination(uri);
  return reading.kind === 'address' && reading.address.scheme === 'mailto' ? [reading.address.mailbox] : [];
}

function stemOf(fileName: string): string {
  return fileName.replace(/\.json\.gz$/, '');
}
