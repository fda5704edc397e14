/**
 * What is asked of a mail, one question at a time; the mail comes with each, as its thread keeps nothing.
 */
import type { OpenedMail, SignatureCheck, SignatureQuestion } from '#pipeline/read/mail-opener.ts';
import { checkSignature } from './check-signature.ts';
import { mailWithin, takeMailApart } from './take-mail-apart.ts';

export type MailQuestion =
  | { readonly kind: 'open'; readonly bytes: Uint8Array }
  | { readonly kind: 'check-signature'; readonly bytes: Uint8Array; readonly question: SignatureQuestion };

export async function answerMailQuestion(asked: MailQuestion): Promise<OpenedMail | SignatureCheck> {
  if (asked.kind === 'open') return takeMailApart(asked.bytes);
  const mail = await mailWithin(asked.bytes, asked.question.mail);
  return mail ? checkSignature(mail, asked.question) : { kind: 'wrong', why: 'there is no such mail' };
}
