/**
 * Mails taken apart in this thread, and no name server to ask who sent them.
 */
import { answerMailQuestion } from '#adapters/mail/answer-mail-question.ts';
import type { MailOpener, OpenedMail, SignatureCheck } from '#pipeline/read/mail-opener.ts';
import type { SenderVerifying } from '#pipeline/read/verify-sender.ts';

export const openerHere: MailOpener = {
  open: async (bytes) => (await answerMailQuestion({ kind: 'open', bytes })) as OpenedMail,
  checkSignature: async (bytes, question) =>
    (await answerMailQuestion({ kind: 'check-signature', bytes, question })) as SignatureCheck,
};

export const unaskedSender: SenderVerifying = {
  keys: { lookUp: () => Promise.resolve({ kind: 'unanswered', why: 'nobody is asked' }) },
  authservId: undefined,
  nowMs: () => 0,
};
