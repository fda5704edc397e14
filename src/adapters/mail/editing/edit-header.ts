/**
 * Puts a field on top of the header of a mail.
 */
import type { HeaderField } from '#pipeline/read/mail-editor.ts';
import { headerField } from '../header-field.ts';
import { fieldsFrom, headerStart, isEnd, isFolded, lineAt } from './field-places.ts';
import { spliced } from './splice.ts';

/** On top, where every reader finds it: those that end a header with the first line that is no field, too. */
export function addField(mail: Buffer, { name, value }: HeaderField): Buffer {
  const newline = newlineOf(mail);
  const { at, isHeader } = placeOnTop(mail);
  const isLineOpen = at > 0 && mail[at - 1] !== LINE_FEED;
  const text = [isLineOpen ? newline : '', headerField(name, value), newline, isHeader ? '' : newline].join('');
  return spliced(mail, [{ start: at, end: at, bytes: Buffer.from(text, 'latin1') }]);
}

/** What is not `isHeader` is all body, so an empty line comes before it. What begins like the rest of a field must not become that of ours. */
function placeOnTop(mail: Buffer): { at: number; isHeader: boolean } {
  const start = headerStart(mail);
  const first = lineAt(mail, start);
  if (isEnd(mail, first, start)) return { at: start, isHeader: true };
  for (const field of fieldsFrom(mail, start))
    if (field.name !== '') return { at: isFolded(mail, first) ? field.start : start, isHeader: true };
  return { at: start, isHeader: false };
}

const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

/** What ends the first line; LF where none is ended. */
export function newlineOf(bytes: Buffer): '\n' | '\r\n' {
  const feed = bytes.indexOf(LINE_FEED);
  return feed > 0 && bytes[feed - 1] === CARRIAGE_RETURN ? '\r\n' : '\n';
}
