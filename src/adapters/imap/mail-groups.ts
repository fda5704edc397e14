/**
 * Which mails are asked for together: many small ones in one command, so that a distant server costs little time, and never more than a bit of
 * memory.
 *
 * Sizes are what the server says of them. Some say wrong ones, so nothing is relied on but how much is asked for.
 */
export interface ListedMail {
  readonly uid: number;
  readonly sizeBytes: number;
  readonly isSeen: boolean;
}

/** As much of each mail is asked for with the others. */
export const BEGINNING_BYTES = 262_144;
const MOST_BYTES = 1_048_576;
const MOST_MAILS = 50;

export function* mailGroups(mails: readonly ListedMail[]): Generator<[ListedMail, ...ListedMail[]]> {
  let group: ListedMail[] = [];
  let bytes = 0;
  for (const mail of mails) {
    const [first, ...others] = group;
    const more = Math.min(mail.sizeBytes, BEGINNING_BYTES);
    if (first && (bytes + more > MOST_BYTES || group.length === MOST_MAILS)) {
      yield [first, ...others];
      [group, bytes] = [[], 0];
    }
    group.push(mail);
    bytes += more;
  }
  const [first, ...others] = group;
  if (first) yield [first, ...others];
}

/** The numbers that one command names: its line has to stay short (RFC 7162 4). */
const MOST_NUMBERS = 500;

export function* numberWindows(uids: readonly number[]): Generator<number[]> {
  for (let at = 0; at < uids.length; at += MOST_NUMBERS) yield uids.slice(at, at + MOST_NUMBERS);
}
