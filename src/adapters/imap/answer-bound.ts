/**
 * Bounds all that a server says in answer to one command.
 *
 * imapflow bounds each line and each literal, and a server may send any number of them, all of which are kept until the answer is over. What has come
 * is looked at again and again, since imapflow tells nobody of a line that belongs to an answer.
 */
import type { ImapFlow } from 'imapflow';
import { ImapTrouble } from './imap-trouble.ts';

/** A fast server sends a few megabytes meanwhile. */
const LOOK_MS = 10;

/** As `command`; rejects with ImapTrouble, and ends the connection, when more than `mostBytes` have come. */
export async function withinBytes<T>(client: ImapFlow, mostBytes: number, command: () => Promise<T>): Promise<T> {
  const before = client.stats().received;
  let timer: NodeJS.Timeout | undefined;
  const exceeded = new Promise<never>((_resolve, reject) => {
    timer = setInterval(() => {
      if (client.stats().received - before <= mostBytes) return;
      reject(new ImapTrouble('mailbox-unavailable', 'the server sends more than it was asked for'));
      client.close();
    }, LOOK_MS);
  });
  try {
    return await Promise.race([command(), exceeded]);
  } finally {
    clearInterval(timer);
  }
}
