/**
 * Splits an mbox into its mails while it is read: each begins with a line `From `, which is no part of it, behind a blank line. Some programs
 * leave out the blank line (those that write Content-Length), so a whole `From ADDRESS DATE` that a header follows begins one as well.
 *
 * Of a mail that is too large the beginning is kept, and the next one is read all the same. The `>` that was put before a line `From ` is taken
 * out again.
 */
const SEPARATOR = Buffer.from('\nFrom ');
const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];
/** `From ADDRESS DATE`, as asctime writes dates; some put a zone to it, before or behind the year. */
const WHOLE =
  /^\nFrom (?:"[^"\r\n]*"\S*|\S+) +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} \d\d:\d\d(?::\d\d)?(?: (?:[A-Z]{1,5}|[+-]\d{4}))? \d{4}(?: [+-]\d{4})?[ \t]*\r?\n(?:[!-9;-~]{1,200}:|>From )/;
/** Of such a line, and as much of the next one as shows that it is a field. */
const WHOLE_BYTES = 1_024;
/** A separator may begin in one chunk and end in the next; before it the blank line has to be seen. */
const KEPT_BYTES = WHOLE_BYTES + 2;
const QUOTED = /^>(>*From )/gm;

/** As much of a mail that is too large as shows what it is. */
const BEGINNING_BYTES = 262_144;

/** Of a mail that has more than `maxBytes`. */
export interface LargeMail {
  readonly beginning: Buffer;
}

export async function* splitMbox(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Buffer | LargeMail> {
  let mail = new MailPieces(maxBytes);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = endOfMail(rest); end !== undefined; end = endOfMail(rest)) {
      mail.add(rest.subarray(0, end));
      yield mail.whole();
      mail = new MailPieces(maxBytes);
      rest = rest.subarray(end);
    }
    const kept = Math.min(rest.length, KEPT_BYTES);
    mail.add(rest.subarray(0, rest.length - kept));
    rest = rest.subarray(rest.length - kept);
  }
  mail.add(rest);
  if (mail.sizeBytes > 0) yield mail.whole();
}

/** Where the next mail begins, that does not begin here. */
function endOfMail(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(SEPARATOR); at >= 0; at = bytes.indexOf(SEPARATOR, at + 1)) {
    const before = bytes[at - 1] === CARRIAGE_RETURN ? bytes[at - 2] : bytes[at - 1];
    if (before === LINE_FEED || WHOLE.test(bytes.toString('latin1', at, at + WHOLE_BYTES))) return at + 1;
  }
  return undefined;
}

class MailPieces {
  sizeBytes = 0;
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(piece: Uint8Array): void {
    const wasLarge = this.#isLarge;
    this.sizeBytes += piece.length;
    if (piece.length > 0 && !wasLarge) this.#pieces.push(piece);
    if (this.#isLarge && !wasLarge)
      this.#pieces = [Buffer.concat(this.#pieces, Math.min(this.sizeBytes, BEGINNING_BYTES))];
  }

  whole(): Buffer | LargeMail {
    const bytes = Buffer.concat(this.#pieces);
    const mail = bytes.subarray(bytes.indexOf(LINE_FEED) + 1);
    if (this.#isLarge) return { beginning: mail };
    return mail.includes('\n>') ? Buffer.from(mail.toString('latin1').replace(QUOTED, '$1'), 'latin1') : mail;
  }

  get #isLarge(): boolean {
    return this.sizeBytes > this.#maxBytes;
  }
}
