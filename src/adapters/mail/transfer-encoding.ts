/**
 * Takes the transfer encoding off the content of a part (RFC 2045 6.7, 6.8), and the line breaks of format=flowed (RFC 3676).
 *
 * One pass into one buffer. What no encoder makes is passed over, or stays as it is.
 */
const [LINE_FEED, CARRIAGE_RETURN, SPACE, TAB, EQUALS] = [0x0a, 0x0d, 0x20, 0x09, 0x3d] as const;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const NONE = 64;
const valueOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = BASE64.indexOf(String.fromCharCode(byte));
  return value < 0 ? NONE : value;
});

/** May be a view of `content`. */
export function withoutTransferEncoding(content: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return fromBase64(content);
  return encoding === 'quoted-printable' ? fromQuotedPrintable(content) : content;
}

/** Padding ends a piece, and another one may follow. */
function fromBase64(content: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(Math.ceil(content.length / 4) * 3);
  let [length, bits, pending] = [0, 0, 0];
  for (const byte of content) {
    const value = valueOf[byte] ?? NONE;
    if (byte === EQUALS) [bits, pending] = [0, 0];
    if (value === NONE) continue;
    bits = ((bits << 6) | value) & 0xff_ff;
    pending += 6;
    if (pending < 8) continue;
    pending -= 8;
    decoded[length] = bits >> pending;
    length += 1;
  }
  return decoded.subarray(0, length);
}

function fromQuotedPrintable(content: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(content.length);
  let length = 0;
  for (let at = 0; at < content.length; at += 1) {
    const byte = content[at] ?? 0;
    if (byte === EQUALS) {
      const lineEnd = endOfBlanks(content, at + 1);
      const value = hexAt(content, at + 1);
      if (content[lineEnd] === LINE_FEED) {
        at = lineEnd;
        continue;
      }
      if (value !== undefined) {
        decoded[length] = value;
        length += 1;
        at += 2;
        continue;
      }
    }
    decoded[length] = byte;
    length += 1;
  }
  return decoded.subarray(0, length);
}

/** No more than a line may have: a soft break is near its end. */
const MOST_BLANKS = 100;

function endOfBlanks(content: Buffer, from: number): number {
  let at = from;
  while (at - from < MOST_BLANKS && [SPACE, TAB, CARRIAGE_RETURN].some((blank) => content[at] === blank)) at += 1;
  return at;
}

function hexAt(content: Buffer, at: number): number | undefined {
  const text = content.toString('latin1', at, at + 2);
  return /^[0-9A-Fa-f]{2}$/.test(text) ? parseInt(text, 16) : undefined;
}

/** RFC 3676 4: a blank before a line end says that the line goes on; `deletesSpace` is DelSp=yes. A blank at the beginning is stuffed. */
export function unflowed(text: Buffer, deletesSpace: boolean): Buffer {
  const joined = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const isStuffed = text[at] === SPACE && (at === 0 || text[at - 1] === LINE_FEED);
    if (isStuffed) continue;
    const lineEnd = text[at] === SPACE ? lineEndAt(text, at + 1) : 0;
    if (lineEnd === 0 || !deletesSpace) {
      joined[length] = text[at] ?? 0;
      length += 1;
    }
    at += lineEnd;
  }
  return joined.subarray(0, length);
}

/** How long the line end there is. */
function lineEndAt(text: Buffer, at: number): number {
  if (text[at] === LINE_FEED) return 1;
  return text[at] === CARRIAGE_RETURN && text[at + 1] === LINE_FEED ? 2 : 0;
}
