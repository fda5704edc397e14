/**
 * What the header of a mail or a part says about its content (RFC 2045 5, 6, RFC 2183), read strictly: where readers may not agree about it,
 * nothing is changed that depends on it.
 */
import { fieldsFrom } from './field-places.ts';

export interface ContentFields {
  /** Lower case, `text/plain`; by default what RFC 2045 5.2 says. */
  readonly type: string;
  /** By lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Lower case; by default `7bit`. */
  readonly encoding: string;
  /** True for what has a file name, or is to be shown as an attachment. */
  readonly isAttached: boolean;
  /** All lines are fields, each of Content-Type, -Transfer-Encoding and -Disposition is there once at most and can be read. */
  readonly isSound: boolean;
}

const READ = ['content-type', 'content-transfer-encoding', 'content-disposition'];
const MAX_LENGTH = 4_096;
/** Of a text without blanks at its ends. No two pieces of it take the same characters, so it never takes long. */
const VALUE = /^([!#$%&'*+.^_`|~0-9a-z{}/-]+)((?:\s*;\s*[^\s=;"()]+\s*=\s*(?:"[^"\\]*"|[^\s;"()]+))*)\s*;?$/i;
const PARAMETER = /;\s*([^\s=;"()]+)\s*=\s*(?:"([^"\\]*)"|([^\s;"()]+))/g;

/** Of the header between the two places. */
export function contentFields(bytes: Buffer, start: number, end: number): ContentFields {
  const texts = new Map<string, string>();
  let isSound = true;
  for (const field of fieldsFrom(bytes, start, end)) {
    if (field.name === '' || texts.has(field.name)) isSound = false;
    if (READ.includes(field.name)) texts.set(field.name, unfolded(bytes, field.start, field.end));
  }
  const values = READ.map((name) => valueIn(texts.get(name)));
  const [type = NOT_SAID, encoding = NOT_SAID, disposition = NOT_SAID] = values;
  const names = [type, disposition].flatMap(({ parameters }) => [...parameters.keys()]);
  return {
    type: type.value || 'text/plain',
    parameters: type.parameters,
    encoding: encoding.value || '7bit',
    isAttached: disposition.value === 'attachment' || names.some((name) => FILE_NAME.test(name)),
    isSound: isSound && values.every((value) => value !== undefined),
  };
}

/** As in `filename*0*` (RFC 2231). */
const FILE_NAME = /^(?:file)?name(?:\*|$)/;

interface FieldValue {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const NOT_SAID: FieldValue = { value: '', parameters: new Map() };

function unfolded(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('latin1', start, Math.min(end, start + MAX_LENGTH + 1));
  return text.slice(text.indexOf(':') + 1).replace(/\r?\n/g, '');
}

/** Undefined for one with comments, with quoted pairs, with the same parameter twice, and whatever else is seldom or wrong. */
function valueIn(text: string | undefined): FieldValue | undefined {
  if (text === undefined) return NOT_SAID;
  const [, value, rest = ''] = (text.length <= MAX_LENGTH ? VALUE.exec(text.trim()) : undefined) ?? [];
  if (value === undefined) return undefined;
  const pairs = [...rest.matchAll(PARAMETER)].map(
    ([, name = '', quoted, bare]) => [name.toLowerCase(), bare ?? quoted ?? ''] as const,
  );
  const parameters = new Map(pairs);
  return parameters.size === pairs.length ? { value: value.toLowerCase(), parameters } : undefined;
}
