/**
 * Takes mails apart on a thread that is ended when one takes too long or too much memory. Implements the port of read.
 */
import type { MailOpener, OpenedMail, SignatureCheck, SignatureQuestion } from '#pipeline/read/mail-opener.ts';
import { AnsweringThread } from '#support/answering-thread.ts';
import { startThread } from '#support/thread.ts';
import type { MailQuestion } from './answer-mail-question.ts';

const DEADLINE_MS = 30_000;
const MAX_HEAP_MB = 96;

export class ThreadMailOpener implements MailOpener {
  readonly #thread: AnsweringThread;

  constructor(
    start = () => startThread('mail', {}, { maxOldGenerationSizeMb: MAX_HEAP_MB }),
    deadlineMs = DEADLINE_MS,
  ) {
    this.#thread = new AnsweringThread(start, deadlineMs);
  }

  async open(bytes: Uint8Array): Promise<OpenedMail> {
    const question: MailQuestion = { kind: 'open', bytes };
    const answered = await this.#thread.ask<OpenedMail>(question);
    return answered.kind === 'answered' ? answered.answer : { kind: 'unreadable', code: 'takes-too-long' };
  }

  async checkSignature(bytes: Uint8Array, question: SignatureQuestion): Promise<SignatureCheck> {
    const asked: MailQuestion = { kind: 'check-signature', bytes, question };
    const answered = await this.#thread.ask<SignatureCheck>(asked);
    return answered.kind === 'answered' ? answered.answer : { kind: 'wrong', why: 'verifying it takes too long' };
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
