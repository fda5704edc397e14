/**
 * The thread on which mails of strangers are taken apart, one after the other.
 */
import { parentPort } from 'node:worker_threads';
import { takeMailApart } from './take-mail-apart.ts';

parentPort?.on('message', (bytes: Uint8Array) => {
  void takeMailApart(bytes).then((opened) => parentPort?.postMessage(opened));
});
