/**
 * Puts text where people read it in a mail: behind its plain text and its HTML, else in a part of its own before all others, else around it.
 *
 * What is signed or encrypted is never changed inside: it becomes a part of a mail around it, whose first part has the text. The fields of
 * the header that are about its content (RFC 2045 3) go with it, and no byte of it changes.
 */
import { createHash } from 'node:crypto';
import { encodeMailText } from '../mail-text.ts';
import { appendedText, isReport } from './appended-text.ts';
import { contentFields } from './content-type.ts';
import { newlineOf } from './edit-header.ts';
import { fieldsFrom, headerStart } from './field-places.ts';
import type { FieldPlace } from './field-places.ts';
import { mimeParts } from './mime-parts.ts';
import type { MimePart } from './mime-parts.ts';
import { spliced } from './splice.ts';
import type { Splice } from './splice.ts';

/** Of these a part more at the beginning changes none of the others; that of `related` would be its root. */
const MIXED = /^multipart\/(?:mixed|report)$/;

/** Undefined for a mail whose header cannot be relied on. */
export function addText(mail: Buffer, text: string): Buffer | undefined {
  const harmless = text.replace(MARK, ' $&');
  const root = mimeParts(mail);
  const splices = root && (appendedSplices(mail, root, harmless.split('\n')) ?? insertedPart(mail, root, harmless));
  if (splices) return spliced(mail, splices);
  const [before, behind] = root && hasReportAsText(mail, root) ? ['', harmless] : [harmless, ''];
  return wrapped(mail, { before, behind });
}

/** What passes for a boundary, or for the first line of the next mail in an mbox. */
const MARK = /^(?:--|From )/gm;

/** Behind the first plain text, and the first HTML where that is shown in its place or there is nothing else. */
function appendedSplices(mail: Buffer, root: MimePart, lines: readonly string[]): Splice[] | undefined {
  const texts = textsIn(root).filter(({ part }) => !part.content.isAttached);
  const behindFirst = (type: string, isWanted: (text: FoundText) => boolean): Splice | undefined => {
    for (const text of texts) {
      if (text.part.content.type !== type || !isWanted(text)) continue;
      const splice = appendedText(mail, text.part, lines);
      if (splice) return splice; // to encode the text for each of a thousand parts would take long
    }
    return undefined;
  };
  const isShownInstead = ({ part, isAlternative }: FoundText): boolean =>
    isAlternative && part.content.type === 'text/html';
  const plain = behindFirst('text/plain', () => true);
  const html = behindFirst('text/html', (text) => !plain || isShownInstead(text));
  if (!html && texts.some(isShownInstead)) return undefined;
  return plain || html ? [plain, html].filter((splice) => splice !== undefined) : undefined;
}

interface FoundText {
  readonly part: MimePart;
  readonly isAlternative: boolean;
}

function textsIn(part: MimePart, isAlternative = false): FoundText[] {
  if (!part.boundary) return [{ part, isAlternative }];
  const isWithin = isAlternative || part.content.type === 'multipart/alternative';
  return part.parts.flatMap((each) => textsIn(each, isWithin));
}

/** Readers take all texts of a mail for one, and a report is one no more with something before it. */
function hasReportAsText(mail: Buffer, root: MimePart): boolean {
  return textsIn(root).some(({ part }) => part.content.type === 'text/plain' && isReport(mail, part));
}

function insertedPart(mail: Buffer, root: MimePart, text: string): Splice[] | undefined {
  const { content, parts, boundary } = root;
  const [first] = parts;
  if (!first || !boundary || !MIXED.test(content.type) || hasReportAsText(mail, root)) return undefined;
  const newline = newlineOf(mail);
  const part = [...textPart(text, newline), `--${boundary.toString('latin1')}`, ''].join(newline);
  return [{ start: first.headerStart, end: first.headerStart, bytes: Buffer.from(part, 'latin1') }];
}

function textPart(text: string, newline: string): string[] {
  const { encoding, text: encoded } = encodeMailText(text);
  const lines = ['Content-Type: text/plain; charset=utf-8', `Content-Transfer-Encoding: ${encoding}`, ''];
  return [...lines, encoded.replaceAll('\r\n', newline)];
}

/** One of the texts is empty, and stands for no part. */
function wrapped(mail: Buffer, texts: { readonly before: string; readonly behind: string }): Buffer | undefined {
  const header = headerIn(mail);
  if (!header) return undefined;
  const newline = newlineOf(mail);
  const boundary = `=_tlsrpt_${createHash('sha256').update(mail).digest('hex').slice(0, 32)}`; // nobody can write it into the mail
  const fields = [
    ...(header.hasVersion ? [] : ['MIME-Version: 1.0']),
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    ...(EIGHT_BIT.includes(header.encoding) ? [`Content-Transfer-Encoding: ${header.encoding}`] : []),
  ];
  const around = (...lines: readonly string[]): Buffer => Buffer.from(lines.join(newline), 'latin1');
  const partOf = (text: string): string[] => (text === '' ? [] : [`--${boundary}`, ...textPart(text, newline)]);
  return Buffer.concat([
    ...header.kept,
    around(...fields, '', ...partOf(texts.before), `--${boundary}`, ''),
    ...header.moved,
    mail.subarray(header.end),
    around('', ...partOf(texts.behind), `--${boundary}--`, ''),
  ]);
}

/** RFC 2045 6.4: a multipart says it, too. */
const EIGHT_BIT = ['8bit', 'binary'];

interface DividedHeader {
  readonly kept: readonly Buffer[];
  /** What is about the content. */
  readonly moved: readonly Buffer[];
  /** Where the empty line begins. */
  readonly end: number;
  readonly hasVersion: boolean;
  readonly encoding: string;
}

/** Undefined for a header that some readers may end elsewhere, or that no empty line ends. */
function headerIn(mail: Buffer): DividedHeader | undefined {
  const start = headerStart(mail);
  const fields = [...fieldsFrom(mail, start)];
  const end = fields.at(-1)?.end ?? start;
  if (end >= mail.length || fields.some(({ name }) => name === '')) return undefined;
  const isMoved = ({ name }: FieldPlace): boolean => name.startsWith('content-');
  const bytesOf = (field: FieldPlace): Buffer => mail.subarray(field.start, field.end);
  return {
    kept: [mail.subarray(0, start), ...fields.filter((field) => !isMoved(field)).map(bytesOf)],
    moved: fields.filter(isMoved).map(bytesOf),
    end,
    hasVersion: fields.some(({ name }) => name === 'mime-version'),
    encoding: contentFields(mail, start, end).encoding,
  };
}
