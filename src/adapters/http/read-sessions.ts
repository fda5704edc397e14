/**
 * Reads the body of `POST /v1/sessions`: one datagram, a list of them, or one a line.
 *
 * Each that cannot be read costs itself alone. What is not a whole list is taken for one datagram, and found to be none.
 */
import { JsonOutline } from '#tlsrpt/json-outline.ts';
import type { Slice } from '#tlsrpt/json-outline.ts';
import { behindBlanks, sign } from '#tlsrpt/json-scan.ts';
import { elementSlices } from '#tlsrpt/json-walk.ts';
import { linesOf } from './lines-of.ts';
import { MOST_ITEMS, readDatagramItem } from './posted-item.ts';
import type { PostedItem } from './posted-item.ts';

export interface PlacedItem {
  /** Its place: of an element in the list, or of a line, from 1 on. */
  readonly at: number;
  readonly item: PostedItem;
}

export interface SessionsForm {
  /** One datagram in each line. */
  readonly areLines: boolean;
  readonly idempotencyKey: string | undefined;
}

interface Piece {
  readonly number: number;
  readonly bytes: Buffer;
}

/** Undefined when there are too many. */
export function readSessions(body: Buffer, { areLines, idempotencyKey }: SessionsForm): PlacedItem[] | undefined {
  const items: PlacedItem[] = [];
  for (const { number: at, bytes } of areLines ? linesOf(body) : elementsIn(body)) {
    if (items.length === MOST_ITEMS) return undefined;
    items.push({ at, item: readDatagramItem(bytes, at, idempotencyKey) });
  }
  return items;
}

function elementsIn(body: Buffer): Iterable<Piece> {
  const whole = [{ number: 1, bytes: body }];
  const start = behindBlanks(body, 0);
  const outline = new JsonOutline(body);
  const list = body[start] === sign.list ? outline.wholeAt(start) : undefined;
  if (!list || behindBlanks(body, list.end) < body.length) return whole;
  try {
    return elementsOf(outline, list, body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return whole;
  }
}

/** As many as tell that there are too many. */
function elementsOf(outline: JsonOutline, list: Slice, body: Buffer): Piece[] {
  const pieces: Piece[] = [];
  for (const { start, end } of elementSlices(outline, list)) {
    pieces.push({ number: pieces.length + 1, bytes: body.subarray(start, end) });
    if (pieces.length > MOST_ITEMS) break;
  }
  return pieces;
}
