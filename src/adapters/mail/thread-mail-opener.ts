/**
 * Takes mails apart here, as that takes a time and memory that are bounded by their size, and verifies signatures on a thread that is ended
 * when one takes too long or too much memory: there it is a library that does it. Implements the port of read.
 */
import type { MailOpener, OpenedMail, SignatureCheck, SignatureQuestion } from '#pipeline/read/mail-opener.ts';
import { AnsweringThread } from '#support/answering-thread.ts';
import { startThread } from '#support/thread.ts';
import type { SignedMail } from './check-signature.ts';
import { mailWithin, takeMailApart } from './take-mail-apart.ts';

const DEADLINE_MS = 30_000;
const limits = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 4 };

export class ThreadMailOpener implements MailOpener {
  readonly #thread: AnsweringThread;

  constructor(start = () => startThread('mail', {}, limits), deadlineMs = DEADLINE_MS) {
    this.#thread = new AnsweringThread(start, deadlineMs);
  }

  open(bytes: Uint8Array): Promise<OpenedMail> {
    return Promise.resolve(takeMailApart(bytes));
  }

  async checkSignature(bytes: Uint8Array, question: SignatureQuestion): Promise<SignatureCheck> {
    const mail = mailWithin(bytes, question.mail);
    if (mail === undefined) return { kind: 'wrong', why: 'there is no such mail' };
    const asked: SignedMail = { mail, question };
    const answered = await this.#thread.ask<SignatureCheck>(asked);
    return answered.kind === 'answered' ? answered.answer : { kind: 'wrong', why: 'verifying it takes too long' };
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
