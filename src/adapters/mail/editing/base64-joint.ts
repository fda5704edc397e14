/**
 * Where more can be joined to base64 (RFC 2045 6.8): behind its last quantum, or in the place of one that is not whole, with its padding.
 *
 * Undefined for what readers decode in different ways: something else in it, padding within, a digit too many.
 */
export interface Base64Joint {
  readonly start: number;
  /** Behind the padding. */
  readonly end: number;
  /** How many bytes it stands for. */
  readonly textBytes: number;
  /** Where a quantum begins some quanta before. */
  readonly endingStart: number;
}

const QUANTUM = 4;
const ENDING_DIGITS = 16;
const PADDING = /^(?:=[ \t\r\n]*){0,2}$/;
const DIGITS = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'));
const BLANKS = new Set(Buffer.from(' \t\r\n'));

export function base64Joint(body: Buffer): Base64Joint | undefined {
  let [start, digits, at, digitsEnd] = [0, 0, 0, 0];
  for (; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (BLANKS.has(byte)) continue;
    if (!DIGITS.has(byte)) break;
    if (digits % QUANTUM === 0) start = at;
    digits += 1;
    digitsEnd = at + 1;
  }
  const padding = body.subarray(at);
  const over = digits % QUANTUM;
  if (over === 0 && padding.length > 0) return undefined;
  if (over === 1 || padding.length > MOST_PADDING_BYTES || !PADDING.test(padding.toString('latin1'))) return undefined;
  const joint = over === 0 ? digitsEnd : start;
  return {
    start: joint,
    end: endOfText(body),
    textBytes: Math.floor((digits * 3) / QUANTUM),
    endingStart: quantaBefore(body, joint),
  };
}

const MOST_PADDING_BYTES = 1_000;

/** Without the blanks at the end. */
function endOfText(body: Buffer): number {
  let end = body.length;
  while (end > 0 && BLANKS.has(body[end - 1] ?? 0)) end -= 1;
  return end;
}

function quantaBefore(body: Buffer, joint: number): number {
  let [at, digits] = [joint, 0];
  while (at > 0 && digits < ENDING_DIGITS) {
    at -= 1;
    if (DIGITS.has(body[at] ?? 0)) digits += 1;
  }
  return at;
}
