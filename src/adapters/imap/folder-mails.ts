/**
 * The mails of a folder: lists them, and reads them without marking them as seen (BODY.PEEK).
 *
 * Mails may come, go and be moved meanwhile, so they are named by their UIDs alone, and one that is gone is left out. A server may answer
 * anything: what was not asked for is passed over, and more than was asked for ends the connection.
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
  for (const window of [...numberWindows([...unseen]), ...numberWindows(others)]) {
    const known = new Set(window);
    const mails = new Map<number, ListedMail>();
    await folder.ask(NOT_LISTED, async (client) => {
      const rows = client.fetch(window.join(','), { uid: true, flags: true, size: true }, { uid: true });
      for await (const { uid, size = 0, flags } of rows)
        if (known.has(uid)) mails.set(uid, { uid, sizeBytes: size, isSeen: flags?.has('\\Seen') ?? false });
    });
    yield window.flatMap((uid) => mails.get(uid) ?? []);
  }
}

async function foundMails(folder: ImapAsking, sought: SearchObject): Promise<number[]> {
  const found = await folder.ask(NOT_LISTED, (client) =>
    withinBytes(client, MOST_NUMBER_BYTES, () => client.search(sought, { uid: true })),
  );
  return found ?? [];
}

/** The first bytes of each mail. */
export async function beginningsOf(folder: ImapAsking, mails: readonly ListedMail[]): Promise<Beginnings> {
  const found = new Map<number, Buffer>();
  try {
    await fetchPieces(
      folder,
      mails.map(({ uid }) => uid),
      { start: 0, maxLength: BEGINNING_BYTES },
      found,
    );
    return { found, trouble: undefined };
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

async function fetchPieces(
  folder: ImapAsking,
  uids: readonly number[],
  source: Exclude<FetchQueryObject['source'], boolean | undefined>,
  found: Map<number, Buffer>,
): Promise<void> {
  const wanted = new Set(uids);
  await folder.ask(NOT_GIVEN, async (client) => {
    let bytes = 0;
    for await (const row of client.fetch(uids.join(','), { uid: true, source }, { uid: true })) {
      if (!row.source || !wanted.has(row.uid)) continue;
      bytes += row.source.length;
      if (bytes > MOST_BYTES) {
        client.close();
        throw new ImapTrouble('mailbox-unavailable', 'the server sends more than it was asked for');
      }
      found.set(row.uid, row.source);
    }
  });
}
