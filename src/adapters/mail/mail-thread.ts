/**
 * The thread on which mails of strangers are taken apart, and their signatures verified, one after the other.
 */
import { parentPort } from 'node:worker_threads';
import { answerMailQuestion } from './answer-mail-question.ts';
import type { MailQuestion } from './answer-mail-question.ts';

/** mailauth writes something there of some signatures, and standard output is for reports. */
Object.assign(console, { log: () => undefined });

parentPort?.on('message', (question: MailQuestion) => {
  void answerMailQuestion(question).then((answer) => parentPort?.postMessage(answer));
});
