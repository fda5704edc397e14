/**
 * The mails of a folder: lists them, and reads them without marking them as seen (BODY.PEEK).
 *
 * Mails may come, go and be moved meanwhile, so they are named by their UIDs alone, and one that is gone is left out. One that the server cannot open
 * costs no other one, in the list as well. A server may answer anything: what was not asked for is passed over, and more than was asked for ends the
 * connection.
 */
import type { FetchQueryObject, SearchObject } from 'imapflow';
import { withinBytes } from './answer-bound.ts';
import type { ImapAsking } from './imap-session.ts';
import { ImapTrouble } from './imap-trouble.ts';
import { BEGINNING_BYTES, numberWindows } from './mail-groups.ts';
import type { ListedMail } from './mail-groups.ts';

const PIECE_BYTES = 1_048_576;
/** Of all mails of one command, from a server that gives more of each than it was asked for. */
const MOST_BYTES = 16_777_216;
/** The numbers of a million mails; imapflow takes ten times as much for them. */
const MOST_NUMBER_BYTES = 8_388_608;
const NOT_LISTED = 'its mails cannot be listed';
const NOT_GIVEN = 'the server does not give it';

/** What came of a command about several mails; `trouble` where it is not all. */
export interface Beginnings {
  readonly found: ReadonlyMap<number, Buffer>;
  readonly trouble: ImapTrouble | undefined;
}

/**
 * Rejects with ImapTrouble. Some mails at a time, the oldest first. With `unseenFirst`, those that are marked as seen stand behind all others, the
 * latest first: should somebody have marked one that was not read, it is among these.
 */
export async function* listedMails(
  folder: ImapAsking,
  { unseenFirst }: { readonly unseenFirst: boolean },
): AsyncGenerator<ListedMail[]> {
  const unseen = new Set(unseenFirst ? await foundMails(folder, { seen: false }) : []);
  const others = (await foundMails(folder, { all: true })).filter((uid) => !unseen.has(uid));
  if (unseenFirst) others.reverse();
  for (const window of [...numberWindows([...unseen]), ...numberWindows(others)]) yield await listed(folder, window);
}

async function listed(folder: ImapAsking, uids: readonly number[]): Promise<ListedMail[]> {
  const mails = new Map<number, ListedMail>();
  try {
    await listRows(folder, uids, { uid: true, flags: true, size: true }, mails);
  } catch (error) {
    if (!(error instanceof ImapTrouble)) throw error;
    await listWithoutSizes(
      folder,
      uids.filter((uid) => !mails.has(uid)),
      mails,
    );
  }
  return uids.flatMap((uid) => mails.get(uid) ?? []);
}

/**
 * To tell a size, some servers open the mail: Dovecot hangs up at one that it cannot open. Others refuse a list with a mail that is gone
 * (RFC 2180 4.1.2). What is missing even so shows what is wrong with it when it is read, unless nothing can be listed.
 */
async function listWithoutSizes(
  folder: ImapAsking,
  uids: readonly number[],
  mails: Map<number, ListedMail>,
): Promise<void> {
  if (uids.length === 0) return;
  try {
    await listRows(folder, uids, { uid: true, flags: true }, mails);
  } catch (error) {
    if (!(error instanceof ImapTrouble) || mails.size === 0) throw error;
    for (const uid of uids) if (!mails.has(uid)) mails.set(uid, { uid, sizeBytes: 0, isSeen: false });
  }
}

async function listRows(
  folder: ImapAsking,
  uids: readonly number[],
  query: FetchQueryObject,
  mails: Map<number, ListedMail>,
): Promise<void> {
  const known = new Set(uids);
  await folder.ask(NOT_LISTED, async (client) => {
    for await (const { uid, size = 0, flags } of client.fetch(uids.join(','), query, { uid: true }))
      if (known.has(uid)) mails.set(uid, { uid, sizeBytes: size, isSeen: flags?.has('\\Seen') ?? false });
  });
}

async function foundMails(folder: ImapAsking, sought: SearchObject): Promise<number[]> {
  const found = await folder.ask(NOT_LISTED, (client) =>
    withinBytes(client, MOST_NUMBER_BYTES, () => client.search(sought, { uid: true })),
  );
  return found ?? [];
}

/** The first bytes of each mail. Of one that is gone the server says nothing; of one that it cannot open some say NIL, or that it is empty. */
export async function beginningsOf(folder: ImapAsking, mails: readonly ListedMail[]): Promise<Beginnings> {
  const found = new Map<number, Buffer>();
  const uids = mails.map(({ uid }) => uid);
  try {
    const there = await fetchPieces(folder, uids, { start: 0, maxLength: BEGINNING_BYTES }, found);
    for (const { uid, sizeBytes } of mails) if (sizeBytes > 0 && found.get(uid)?.length === 0) found.delete(uid);
    const isWithheld = uids.some((uid) => there.has(uid) && !found.has(uid));
    return { found, trouble: isWithheld ? new ImapTrouble('mailbox-refused', NOT_GIVEN) : undefined };
  } catch (error) {
    if (!(error instanceof ImapTrouble)) throw error;
    return { found, trouble: error };
  }
}

/**
 * The whole mail, piece by piece, from its beginning on. Rejects with ImapTrouble, also where a server leaves out what has to follow by what it said
 * of the size. What it says itself of where a mail ends, an empty or a short piece, counts for more than that (RFC 3501 6.4.5).
 */
export async function* mailBytes(
  folder: ImapAsking,
  { uid, sizeBytes }: ListedMail,
  beginning: Buffer,
): AsyncGenerator<Buffer> {
  yield beginning;
  let isWhole = beginning.length !== BEGINNING_BYTES; // also where the server gives more than a part
  for (let start = beginning.length; !isWhole;) {
    const found = new Map<number, Buffer>();
    await fetchPieces(folder, [uid], { start, maxLength: PIECE_BYTES }, found);
    const piece = found.get(uid);
    if (!piece && sizeBytes > 0 && sizeBytes <= start) return;
    if (!piece) throw new ImapTrouble('mailbox-unavailable', `${NOT_GIVEN} as a whole`);
    yield piece;
    start += piece.length;
    isWhole = piece.length !== PIECE_BYTES;
  }
}

/** Resolves to the numbers of the mails of which the server says anything. */
async function fetchPieces(
  folder: ImapAsking,
  uids: readonly number[],
  source: Exclude<FetchQueryObject['source'], boolean | undefined>,
  found: Map<number, Buffer>,
): Promise<ReadonlySet<number>> {
  const wanted = new Set(uids);
  const there = new Set<number>();
  await folder.ask(NOT_GIVEN, async (client) => {
    let bytes = 0;
    for await (const row of client.fetch(uids.join(','), { uid: true, source }, { uid: true })) {
      if (!wanted.has(row.uid)) continue;
      there.add(row.uid);
      if (!row.source) continue;
      bytes += row.source.length;
      if (bytes > MOST_BYTES) {
        client.close();
        throw new ImapTrouble('mailbox-unavailable', 'the server sends more than it was asked for');
      }
      found.set(row.uid, row.source);
    }
  });
  return there;
}
