/**
 * The days of many hosts in OpenSearch or Elasticsearch, implementing the port of publish.
 *
 * Documents have the number of their publication as an external version, so none is overwritten by an earlier one, however late that comes. The note is
 * changed only when nobody else has changed it (`if_seq_no`). Before a publication is called complete, its documents are made visible to searches.
 */
import { z } from 'zod';
import type { DayIndex, DayNote, DocumentChanges, KnownNote } from '#pipeline/publish/day-index.ts';
import { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
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

const CONFLICT = 409;
const NOT_FOUND = 404;
const DIGESTS_AT_ONCE = 10_000;

const writtenShape = z.object({ _seq_no: z.number(), _primary_term: z.number() });
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

  digests(origin: string, day: UtcDay): Promise<Map<string, string>> {
    return this.#asked(async () => {
      const scan = { index: policiesIndex(this.#prefix, day), signal: this.#signal };
      const opened = await openPointInTime(this.#client, scan);
      const digests = new Map<string, string>();
      if (!opened) return digests;
      const wish = { query: { term: { origin } }, fields: ['digest'], pageSize: DIGESTS_AT_ONCE } as const;
      try {
        for await (const page of scanPages(this.#client, opened, { ...scan, ...wish, sort: ['domain', 'digest'] }))
          for (const { id, source } of page.documents)
            digests.set(id, digestShape.safeParse(source).data?.digest ?? '');
        return digests;
      } finally {
        await closePointInTime(this.#client, opened);
      }
    });
  }

  begin(note: DayNote, known: KnownNote | undefined): Promise<KnownNote> {
    const publication = (known?.publication ?? 0) + 1;
    const published = known?.isFinished === true ? known.publication : 0;
    return this.#asked(() => this.#writeNote({ note, publication, published }, known?.stamp as NoteStamp | undefined));
  }

  write({ day, publication, written, removed }: DocumentChanges): Promise<void> {
    return this.#asked(() =>
      writeBulk(this.#client, {
        index: policiesIndex(this.#prefix, day),
        version: publication,
        written: written.map(({ id, digest, content }) => ({ id, source: { ...content, digest } })),
        removed,
        signal: this.#signal,
      }),
    );
  }

  finish(note: DayNote, { publication, stamp }: KnownNote): Promise<KnownNote> {
    return this.#asked(async () => {
      const path = `/${policiesIndex(this.#prefix, note.day)}/_refresh`;
      await this.#client.ask({ method: 'POST', path, expected: [NOT_FOUND], signal: this.#signal });
      return this.#writeNote({ note, publication, published: publication }, stamp as NoteStamp);
    });
  }

  close(): void {
    this.#client.close();
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

  #asked<T>(ask: () => Promise<T>): Promise<T> {
    return asProblem({ name: this.name, what: 'what is published' }, ask);
  }
}

function conflict(name: string, { day, origin }: DayNote): Problem {
  return new Problem(
    'cluster-conflict',
    `Somebody else publishes ${day} to ${name} under the identity ${origin} as well: another tlsrpt publish on this host, or on a host whose state directory is a copy of this one.`,
  );
}
