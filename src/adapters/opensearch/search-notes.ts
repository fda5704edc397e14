/**
 * Finds notes about days, with what tells whether somebody has changed them since.
 */
import { z } from 'zod';
import { NOT_FOUND } from './answer-status.ts';
import type { EngineClient } from './engine-client.ts';
import { notesIndex } from './index-names.ts';
import { readNote } from './note-document.ts';
import type { StoredNote } from './note-document.ts';
import { understood } from './scan-index.ts';

export interface FoundNote extends StoredNote {
  readonly stamp: NoteStamp;
}

export interface NoteStamp {
  readonly if_seq_no: number;
  readonly if_primary_term: number;
}

/** What a search gives at most without a point in time: 10,000 origins, or days, are more than anybody has in a week. */
const MOST_NOTES = 10_000;

const foundShape = z.object({
  timed_out: z.literal(false),
  _shards: z.object({ failed: z.literal(0) }),
  hits: z.object({
    hits: z.array(z.object({ _source: z.unknown(), _seq_no: z.number(), _primary_term: z.number() })),
  }),
});

export interface NoteSearch {
  readonly prefix: string;
  readonly query: object;
  readonly signal?: AbortSignal | undefined;
}

/** What is no note is passed over. */
export async function searchNotes(client: EngineClient, { prefix, query, signal }: NoteSearch): Promise<FoundNote[]> {
  const reply = await client.ask({
    method: 'POST',
    path: `/${notesIndex(prefix)}/_search?allow_partial_search_results=false`,
    body: { size: MOST_NOTES, query, seq_no_primary_term: true, sort: [{ day: 'desc' }] },
    expected: [NOT_FOUND],
    signal,
  });
  if (reply.status === NOT_FOUND) return [];
  return understood(foundShape, reply.body, 'notes about days').hits.hits.flatMap((hit) => {
    const note = readNote(hit._source);
    return note ? [{ ...note, stamp: { if_seq_no: hit._seq_no, if_primary_term: hit._primary_term } }] : [];
  });
}
