/**
 * The header of a mail as it came, field by field (RFC 5322 2.2), for what must not depend on how a MIME parser mends it.
 */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** Unfolded; one character for each octet. */
  readonly value: string;
  /** With its name and line ends, without the last of these. */
  readonly raw: string;
}

export interface SplitMail {
  readonly fields: readonly HeaderField[];
  readonly body: Uint8Array;
}

const MAX_HEADER_BYTES = 262_144;
const MOST_LINES = 5_000;
const FIELD = /^([!-9;-~]+)[ \t]*:/;
const HEADER_END = /\n\r?\n/;

/** Undefined for a header that is larger than any, or has lines that are no fields. */
export function splitMail(bytes: Uint8Array): SplitMail | undefined {
  const beginning = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', 0, MAX_HEADER_BYTES);
  const end = HEADER_END.exec(beginning);
  if (end === null) return undefined;
  const header = beginning.slice(0, end.index).replace(/\r$/, '');
  const fields = header.split(/\r?\n(?![ \t])/, MOST_LINES).map(fieldOf);
  const isWhole = header.split('\n', MOST_LINES + 1).length <= MOST_LINES;
  if (!isWhole || !fields.every((field) => field !== undefined)) return undefined;
  return { fields, body: bytes.subarray(end.index + end[0].length) };
}

function fieldOf(raw: string): HeaderField | undefined {
  const [beginning, name] = FIELD.exec(raw) ?? [];
  if (beginning === undefined || name === undefined) return undefined;
  const value = raw.slice(beginning.length).replace(/\r?\n/g, '').trim();
  return { name: name.toLowerCase(), value, raw };
}
