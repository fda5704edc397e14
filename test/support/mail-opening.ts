/**
 * Mails taken apart in this thread, and no name server to ask who sent them.
 */
import { checkSignature } from '#adapters/mail/check-signature.ts';
import { mailWithin, takeMailApart } from '#adapters/mail/take-mail-apart.ts';
import type { MailOpener } from '#pipeline/read/mail-opener.ts';
import type { SenderVerifying } from '#pipeline/read/verify-sender.ts';

export const openerHere: MailOpener = {
  open: (bytes) => Promise.resolve(takeMailApart(bytes)),
  checkSignature: (bytes, question) => checkSignature(mailWithin(bytes, question.mail) ?? bytes, question),
};

export const unaskedSender: SenderVerifying = {
  keys: { lookUp: () => Promise.resolve({ kind: 'unanswered', why: 'nobody is asked' }) },
  authservId: undefined,
  nowMs: () => 0,
};
