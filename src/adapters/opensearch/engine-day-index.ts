/**
 * The days of many hosts in OpenSearch or Elasticsearch, implementing the port of publish.
 *
 * Documents have the number of their publication as an external version, so none is overwritten by an earlier one, however late that comes. The note is
 * changed only when nobody else has changed it (`if_seq_no`). Searches see what was written late, so before any is asked for it is made visible.
 */
import { z } from 'zod';
import type { DayIndex, DayNote, DocumentChanges, KnownDocuments, KnownNote } from '#pipeline/publish/day-index.ts';
import { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CONFLICT, NOT_FOUND } from './answer-status.ts';
import { asProblem } from './cluster-problem.ts';
import type { EngineClient } from './engine-client.ts';
import { notesIndex, policiesIndex, templateOf } from './index-names.ts';
import { noteDocument } from './note-document.ts';
import { putTemplate } from './put-template.ts';
import type { StoredNote } from './note-document.ts';
import { closePointInTime, openPointInTime, scanPages, understood } from './scan-index.ts';
import { searchNotes } from './search-notes.ts';
import type { NoteStamp } from './search-notes.ts';
import { writeBulk } from './write-bulk.ts';

export interface DayIndexOptions {
  readonly client: EngineClient;
  readonly prefix: string;
  readonly signal?: AbortSignal | undefined;
}

const DIGESTS_AT_ONCE = 10_000;

const writtenShape = z.object({ _seq_no: z.number(), _primary_term: z.number() });
const countShape = z.object({
  timed_out: z.literal(false),
  _shards: z.object({ failed: z.literal(0) }),
  hits: z.object({ total: z.object({ value: z.number() }) }),
});
const digestShape = z.object({ digest: z.string() });

export class EngineDayIndex implements DayIndex {
  readonly name: string;
  readonly #client: EngineClient;
  readonly #prefix: string;
  readonly #signal: AbortSignal | undefined;

  constructor({ client, prefix, signal }: DayIndexOptions) {
    this.name = `${client.name}/${prefix}`;
    this.#client = client;
    this.#prefix = prefix;
    this.#signal = signal;
  }

  prepare(): Promise<void> {
    const template = { name: this.#prefix, body: templateOf(this.#prefix), signal: this.#signal };
    return this.#asked(() => putTemplate(this.#client, template));
  }

  notes(origin: string): Promise<Map<UtcDay, KnownNote>> {
    return this.#asked(async () => {
      const query = { term: { origin } };
      const found = await searchNotes(this.#client, { prefix: this.#prefix, query, signal: this.#signal });
      return new Map(
        found.map(({ note, publication, published, stamp }) => [
          note.day,
          { note, publication, isFinished: publication === published, stamp },
        ]),
      );
    });
  }

  documents(origin: string, day: UtcDay): Promise<KnownDocuments> {
    return this.#asked(async () => {
      const scan = { index: policiesIndex(this.#prefix, day), signal: this.#signal };
      await this.#refresh(day);
      const opened = await openPointInTime(this.#client, scan);
      const digests = new Map<string, string>();
      let publication = 0;
      if (!opened) return { digests, publication };
      const wish = { query: { term: { origin } }, fields: ['digest'], pageSize: DIGESTS_AT_ONCE } as const;
      try {
        for await (const page of scanPages(this.#client, opened, { ...scan, ...wish, sort: ['domain', 'digest'] }))
          for (const { id, version, source } of page.documents) {
            digests.set(id, digestShape.safeParse(source).data?.digest ?? '');
            publication = Math.max(publication, version);
          }
        return { digests, publication };
      } finally {
        await closePointInTime(this.#client, opened);
      }
    }, day);
  }

  begin(note: DayNote, known: KnownNote | undefined, later = 0): Promise<KnownNote> {
    const publication = Math.max(known?.publication ?? 0, later) + 1;
    const published = known?.isFinished === true ? known.publication : 0;
    return this.#asked(
      () => this.#writeNote({ note, publication, published }, known?.stamp as NoteStamp | undefined),
      note.day,
    );
  }

  write({ day, publication, written, removed }: DocumentChanges): Promise<void> {
    const write = {
      index: policiesIndex(this.#prefix, day),
      version: publication,
      written: written.map(({ id, digest, content }) => ({ id, source: { ...content, digest } })),
      removed,
      signal: this.#signal,
    };
    return this.#asked(() => writeBulk(this.#client, write), day);
  }

  settle(origin: string, day: UtcDay): Promise<number> {
    return this.#asked(async () => {
      await this.#refresh(day);
      const reply = await this.#client.ask({
        method: 'POST',
        path: `/${policiesIndex(this.#prefix, day)}/_search?allow_partial_search_results=false`,
        body: { size: 0, query: { term: { origin } }, track_total_hits: true },
        expected: [NOT_FOUND],
        signal: this.#signal,
      });
      return reply.status === NOT_FOUND
        ? 0
        : understood(countShape, reply.body, 'number of documents').hits.total.value;
    }, day);
  }

  finish(note: DayNote, { publication, stamp }: KnownNote): Promise<KnownNote> {
    return this.#asked(
      () => this.#writeNote({ note, publication, published: publication }, stamp as NoteStamp),
      note.day,
    );
  }

  close(): void {
    this.#client.close();
  }

  async #refresh(day: UtcDay): Promise<void> {
    const path = `/${policiesIndex(this.#prefix, day)}/_refresh`;
    await this.#client.ask({ method: 'POST', path, expected: [NOT_FOUND], signal: this.#signal });
  }

  /** Not repeated by itself: a reply that was lost would look as if somebody else had written. */
  async #writeNote(stored: StoredNote, stamp: NoteStamp | undefined): Promise<KnownNote> {
    const { note, publication, published } = stored;
    const condition = stamp
      ? `if_seq_no=${String(stamp.if_seq_no)}&if_primary_term=${String(stamp.if_primary_term)}`
      : 'op_type=create';
    const reply = await this.#client.ask({
      method: 'PUT',
      path: `/${notesIndex(this.#prefix)}/_doc/${note.origin}.${note.day}?${condition}&refresh=true`,
      body: noteDocument(stored),
      expected: [CONFLICT],
      mayRepeat: false,
      signal: this.#signal,
    });
    if (reply.status === CONFLICT) throw conflict(this.name, note);
    const { _seq_no: seqNo, _primary_term: term } = understood(writtenShape, reply.body, 'answer to a note');
    return {
      note,
      publication,
      isFinished: publication === published,
      stamp: { if_seq_no: seqNo, if_primary_term: term },
    };
  }

  /** `day`: which one it is about, where it is about one. */
  #asked<T>(ask: () => Promise<T>, day?: UtcDay): Promise<T> {
    const what = day === undefined ? 'what is published' : `what is published of ${day}`;
    return asProblem({ name: this.name, what }, ask);
  }
}

function conflict(name: string, { day, origin }: DayNote): Problem {
  return new Problem(
    'cluster-conflict',
    `Somebody else publishes ${day} to ${name} under the identity ${origin} as well: another tlsrpt publish on this host, or on a host whose state directory is a copy of this one.`,
  );
}
