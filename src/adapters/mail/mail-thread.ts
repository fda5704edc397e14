/**
 * The thread on which the signatures of mails of strangers are verified, one after the other.
 */
import { parentPort } from 'node:worker_threads';
import { checkSignature } from './check-signature.ts';
import type { SignedMail } from './check-signature.ts';

/** mailauth writes something there of some signatures, and standard output is for reports. */
Object.assign(console, { log: () => undefined });

parentPort?.on('message', ({ mail, question }: SignedMail) => {
  void checkSignature(mail, question).then((check) => parentPort?.postMessage(check));
});
