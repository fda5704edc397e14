/**
 * A mail filter as it is without flags, but for what it tells: mails are taken apart here, and no name server is asked.
 */
import { byteMailEditor } from '#adapters/mail/editing/byte-mail-editor.ts';
import { filterSummary } from '#cli/output/filter-summary.ts';
import type { MailFilter } from '#pipeline/read/filter-mail.ts';
import { readMail } from '#pipeline/read/read-mail.ts';
import { openerHere, unaskedSender } from './mail-opening.ts';

export const usualMailFilter: Omit<MailFilter, 'told'> = {
  editor: byteMailEditor,
  read: (mail) => readMail(mail, openerHere, unaskedSender),
  textOf: filterSummary,
  expectsReport: false,
  requiresSender: false,
  deadlineMs: 20_000,
};
