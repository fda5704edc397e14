/**
 * Takes mails apart on a thread that is ended when one takes too long or too much memory. Implements the port of read.
 */
import type { MailOpener, OpenedMail } from '#pipeline/read/mail-opener.ts';
import { AnsweringThread } from '#support/answering-thread.ts';
import { startThread } from '#support/thread.ts';

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
    const answered = await this.#thread.ask<OpenedMail>(bytes);
    return answered.kind === 'answered' ? answered.answer : { kind: 'unreadable', code: 'takes-too-long' };
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
