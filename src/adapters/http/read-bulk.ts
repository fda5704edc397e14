/**
 * Reads the body of a `_bulk` request: a line that says what is to be done with the document in the line behind it, and so on.
 *
 * A document that cannot be read costs itself alone. A line that should say what is to be done and does not makes nothing of it certain, so
 * nothing of such a request counts; Elasticsearch holds it so as well.
 */
import { parseObject } from '#tlsrpt/foreign-field.ts';
import type { JsonObject } from '#tlsrpt/foreign-field.ts';
import { linesOf } from './lines-of.ts';
import type { Line } from './lines-of.ts';
import { MOST_ITEMS, readHalonItem } from './posted-item.ts';
import type { PostedItem } from './posted-item.ts';

export interface BulkItem {
  readonly action: 'index' | 'create';
  readonly index: string | undefined;
  readonly id: string | undefined;
  readonly item: PostedItem;
  /** The place of the document, from 1 on. */
  readonly line: number;
}

export type BulkReading =
  | { readonly kind: 'items'; readonly items: readonly BulkItem[] }
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'too-many' };

const MOST_ACTION_BYTES = 4_096;
const MOST_NAME_LENGTH = 512;

export function readBulk(body: Buffer): BulkReading {
  const items: BulkItem[] = [];
  const lines = linesOf(body);
  for (let next = lines.next(); next.done !== true; next = lines.next()) {
    if (items.length === MOST_ITEMS) return { kind: 'too-many' };
    const action = actionIn(next.value);
    if (!action) return malformed(next.value, 'it does not say index or create');
    const document = lines.next();
    if (document.done === true) return malformed(next.value, 'no document follows it');
    items.push({ ...action, item: readHalonItem(document.value.bytes), line: document.value.number });
  }
  return { kind: 'items', items };
}

function actionIn({ bytes }: Line): Pick<BulkItem, 'action' | 'index' | 'id'> | undefined {
  const json = bytes.length > MOST_ACTION_BYTES ? undefined : parseObject(bytes.toString('utf8'));
  if (!json) return undefined;
  const [[action, what] = []] = Object.entries(json);
  if (Object.keys(json).length !== 1 || (action !== 'index' && action !== 'create')) return undefined;
  const { _index: index, _id: id } = (what ?? {}) as JsonObject;
  return { action, index: nameOf(index), id: nameOf(id) };
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MOST_NAME_LENGTH ? value : undefined;
}

function malformed({ number }: Line, why: string): BulkReading {
  return {
    kind: 'malformed',
    why: `Malformed action/metadata line [${String(number)}]: ${why}. Nothing of the request counts.`,
  };
}
