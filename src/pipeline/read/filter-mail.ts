/**
 * Filters one mail on its way to a mailbox: what a report in it says is put into its text, and failures into its header.
 *
 * A field of that name that came with the mail is taken out first, whatever the mail is, as it is what rules of mail filters go by. Nothing
 * rejects, and nothing is lost: what takes too long, or what nobody foresaw, leaves the mail as it was, with the reason in the header.
 */
import { withinDeadline } from '#support/within-deadline.ts';
import { unreadableMeanings } from '#tlsrpt/inbound-report.ts';
import type { UnreadableCode } from '#tlsrpt/inbound-report.ts';
import type { FieldRemoval, MailEditor } from './mail-editor.ts';
import { claimsInHeader } from './read-mail.ts';
import type { MailReading, SentReport } from './read-mail.ts';

export interface MailFilter {
  readonly editor: MailEditor;
  readonly read: (mail: Buffer) => Promise<MailReading>;
  readonly textOf: (reports: readonly SentReport[]) => string;
  /** Whether a mail without a report is marked, too. */
  readonly expectsReport: boolean;
  /** Whether a report counts as unreadable when it is not shown who sent it. */
  readonly requiresSender: boolean;
  readonly deadlineMs: number;
  readonly told: (failure: FilterFailure) => void;
}

export type FilterFailure =
  | { readonly kind: 'unreadable'; readonly code: UnreadableCode }
  /** A bug. */
  | { readonly kind: 'failed'; readonly error: unknown };

interface Findings {
  /** Whose summary goes into the text. */
  readonly reports: readonly SentReport[];
  /** Of the field; undefined for a mail that needs nobody's eyes. */
  readonly value: string | undefined;
}

const FIELD = 'TLS-Report-Has-Failures';

export async function filterMail(bytes: Buffer, filter: MailFilter): Promise<Buffer> {
  const mail = contained(filter, bytes, () => withoutField(bytes, fieldRemoval(filter)));
  const { reports, value } = await findingsIn(mail, filter);
  const withText = reports.length === 0 ? mail : contained(filter, mail, () => withSummary(mail, reports, filter));
  return marked(withText, value, filter);
}

/** Of the field that a mail must not come with. */
export function fieldRemoval({ editor }: Pick<MailFilter, 'editor'>): FieldRemoval {
  return editor.fieldRemoval(FIELD);
}

/** The beginning, without such a field, of a mail that is so large that nobody looks into it. */
export function filterBeginning(mail: Buffer, filter: MailFilter): Buffer {
  const isMeant = filter.expectsReport || claimsInHeader(mail);
  return marked(mail, isMeant ? reasonFor('too-large', filter) : undefined, filter);
}

function withoutField(mail: Buffer, removal: FieldRemoval): Buffer {
  const kept = removal.push(mail);
  const rest = removal.end();
  return rest.length === 0 ? kept : Buffer.concat([kept, rest]);
}

/** What nobody foresaw in changing the mail leaves it unchanged. */
function contained(filter: MailFilter, unchanged: Buffer, act: () => Buffer): Buffer {
  try {
    return act();
  } catch (error) {
    filter.told({ kind: 'failed', error });
    return unchanged;
  }
}

async function findingsIn(mail: Buffer, filter: MailFilter): Promise<Findings> {
  try {
    const deadline = { deadlineMs: filter.deadlineMs, why: unreadableMeanings['takes-too-long'] };
    const reading = await withinDeadline(deadline, () => filter.read(withoutSeparator(mail)));
    return findingsOf(reading ? verified(reading, filter) : { kind: 'unreadable', code: 'takes-too-long' }, filter);
  } catch (error) {
    filter.told({ kind: 'failed', error });
    return { reports: [], value: 'cannot be read: tlsrpt failed (internal-error)' };
  }
}

/** Without the line that a mail has in an mbox. */
function withoutSeparator(mail: Buffer): Buffer {
  return mail.toString('latin1', 0, 5) === 'From ' ? mail.subarray(mail.indexOf('\n') + 1) : mail;
}

function verified(reading: MailReading, { requiresSender }: MailFilter): MailReading {
  if (reading.kind !== 'reports' || !requiresSender) return reading;
  const reports = reading.reports.filter(({ verification }) => verification.result === 'pass');
  if (reports.length === reading.reports.length) return reading;
  return { kind: 'reports', reports, unreadable: ['sender-unverified', ...reading.unreadable] };
}

function findingsOf(outcome: MailReading, filter: MailFilter): Findings {
  switch (outcome.kind) {
    case 'reports': {
      const { reports, unreadable } = outcome;
      const [reason] = unreadable.map((code) => reasonFor(code, filter));
      return { reports, value: failedSessions(reports) ?? reason };
    }
    case 'unreadable':
      return { reports: [], value: reasonFor(outcome.code, filter) };
    case 'bounce':
    case 'no-report':
      return { reports: [], value: filter.expectsReport ? reasonFor('no-report', filter) : undefined };
  }
}

/** Nothing of a report is in it, and it does not begin with a digit as numbers of sessions do. */
function reasonFor(code: UnreadableCode, { told }: MailFilter): string {
  told({ kind: 'unreadable', code });
  return `cannot be read: ${unreadableMeanings[code]}`;
}

/** Of all policies together, though the sessions of several may be the same ones: filters that exist count so. Undefined without failures. */
function failedSessions(reports: readonly SentReport[]): string | undefined {
  const policies = reports.flatMap(({ report }) => report.policies);
  const failing = policies.filter(({ failed, failures }) => failed > 0 || failures.length > 0);
  return failing.length === 0 ? undefined : String(failing.reduce((sum, { failed }) => sum + BigInt(failed), 0n));
}

function withSummary(mail: Buffer, reports: readonly SentReport[], { editor, textOf }: MailFilter): Buffer {
  return editor.addText(mail, textOf(reports)) ?? mail;
}

function marked(mail: Buffer, value: string | undefined, filter: MailFilter): Buffer {
  const { editor } = filter;
  return value === undefined ? mail : contained(filter, mail, () => editor.addField(mail, { name: FIELD, value }));
}
