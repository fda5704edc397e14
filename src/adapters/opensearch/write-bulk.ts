/**
 * Writes and removes many documents with one request; those that the engine is too busy for are sent again.
 *
 * Each goes by its external version: of a document that has a later version, or this very one, nothing is changed (409), which is as good as done.
 */
import { z } from 'zod';
import { cleanText } from '#tlsrpt/clean-text.ts';
import { CONFLICT, DOCUMENT_BUSY, NOT_FOUND } from './answer-status.ts';
import type { EngineClient } from './engine-client.ts';
import { EngineFailure } from './engine-failure.ts';
import { pause } from './pause.ts';
import { understood } from './scan-index.ts';

export interface BulkWrite {
  readonly index: string;
  /** Of each document that is written without one of its own, or removed. */
  readonly version: number;
  readonly written: readonly { readonly id: string; readonly source: object; readonly version?: number }[];
  /** Ids. */
  readonly removed: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

const ATTEMPTS = 6;
const PAUSE_MS = 500;
const MAX_REASON_LENGTH = 300;

const itemShape = z.object({ status: z.number(), error: z.object({ reason: z.string().optional() }).optional() });
const replyShape = z.object({ items: z.array(z.record(z.string(), itemShape)) });

type Item = z.output<typeof itemShape>;

export async function writeBulk(client: EngineClient, write: BulkWrite): Promise<void> {
  let operations = operationsOf(write);
  for (let attempt = 1; operations.length > 0; attempt += 1) {
    const path = `/${write.index}/_bulk?filter_path=items.*.status,items.*.error.reason`;
    const { body } = await client.ask({ method: 'POST', path, body: operations.join(''), signal: write.signal });
    const items = understood(replyShape, body, 'answer to a bulk').items.flatMap((item) => Object.entries(item));
    if (items.length !== operations.length) throw new EngineFailure('refused', 'it answered to another bulk');
    const refused = items.find(([action, { status }]) => !isDone(action, status) && !DOCUMENT_BUSY.includes(status));
    if (refused) throw new EngineFailure('refused', `it refused a document: ${reasonOf(refused[1])}`);
    operations = operations.filter((_, number) => DOCUMENT_BUSY.includes(items[number]?.[1].status ?? 0));
    if (operations.length === 0) return;
    if (attempt >= ATTEMPTS) throw new EngineFailure('unreachable', 'it is too busy to write');
    await pause(PAUSE_MS * 2 ** (attempt - 1), write.signal);
  }
}

/** What is to be removed may not be there; what is written is, or there is no index that would take it. */
function isDone(action: string, status: number): boolean {
  return (status >= 200 && status <= 299) || status === CONFLICT || (status === NOT_FOUND && action === 'delete');
}

/** With words of strangers in it. */
function reasonOf({ error }: Item): string {
  return cleanText(error?.reason ?? 'without a reason', MAX_REASON_LENGTH);
}

/** As lines of JSON. */
function operationsOf({ version, written, removed }: BulkWrite): string[] {
  const named = (id: string, own = version): object => ({ _id: id, version: own, version_type: 'external' });
  return [
    ...written.map(
      ({ id, source, version: own }) => `${JSON.stringify({ index: named(id, own) })}\n${JSON.stringify(source)}\n`,
    ),
    ...removed.map((id) => `${JSON.stringify({ delete: named(id) })}\n`),
  ];
}
