/**
 * Marks mails as seen and moves them to another folder, where the operator wants that.
 *
 * Nobody else's mail is ever removed: where the server cannot move (RFC 6851), mails are copied, and expunged one by one, which takes UIDPLUS
 * (RFC 4315); a server without both is refused before anything is read.
 */
import type { MailboxObject } from 'imapflow';
import type { ImapAsking } from './imap-session.ts';
import { ImapTrouble } from './imap-trouble.ts';
import { numberWindows } from './mail-groups.ts';

export interface MailMarks {
  readonly seen: boolean;
  /** A folder of the same server. */
  readonly moveTo: string | undefined;
}

interface MarkedMail {
  readonly uid: number;
  readonly isSeen: boolean;
}

export function changesMails({ seen, moveTo }: MailMarks): boolean {
  return seen || moveTo !== undefined;
}

/** Finds out before anything is read whether it can be done. Rejects with ImapTrouble. */
export async function requireMarkable(server: ImapAsking, folder: MailboxObject, marks: MailMarks): Promise<void> {
  const { moveTo } = marks;
  if (folder.readOnly === true) throw new ImapTrouble('mailbox-refused', 'nothing can be changed in the folder');
  if (moveTo === undefined) return;
  await server.ask(notMoved(moveTo), async (client) => {
    if (!client.capabilities.has('MOVE') && !client.capabilities.has('UIDPLUS'))
      throw new ImapTrouble(
        'mailbox-refused',
        'the server can neither move mails (MOVE) nor expunge single ones (UIDPLUS)',
      );
    return client.status(moveTo, { uidNext: true });
  });
}

/** Rejects with ImapTrouble. */
export async function markMails(
  server: ImapAsking,
  mails: readonly MarkedMail[],
  { seen, moveTo }: MailMarks,
): Promise<void> {
  const unseen = seen ? mails.filter(({ isSeen }) => !isSeen) : [];
  for (const uids of numberWindows(unseen.map(({ uid }) => uid)))
    await server.ask('mails cannot be marked as seen', (client) =>
      client.messageFlagsAdd(uids, ['\\Seen'], { uid: true, silent: true }),
    );
  if (moveTo === undefined) return;
  for (const uids of numberWindows(mails.map(({ uid }) => uid)))
    await server.ask(notMoved(moveTo), (client) => client.messageMove(uids, moveTo, { uid: true }));
}

function notMoved(folder: string): string {
  return `mails cannot be moved to ${folder}`;
}
