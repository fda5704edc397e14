/**
 * Publishes one day of this host: only what has changed since it was published last is written, and what is not there any more is removed.
 *
 * What was published is known from the index, or remembered from the publication before by whoever runs on. A day is read domain by domain; of all of it
 * only ids and digests are held in memory. It can be killed and repeated at any time. When the index has another number of documents in the end, as
 * when somebody has removed some, it is asked what there is, and the rest is published.
 *
 * Problems: those of the index; cluster-refused when it still has another number then.
 */
import type { Store } from '#store/store.ts';
import type { Clock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DayIndex, DayNote, DocumentChanges, KnownDocuments, KnownNote } from './day-index.ts';
import { documentsOf } from './day-documents.ts';
import type { DayDocument, DocumentOwner } from './day-documents.ts';

export interface PublishedDay {
  readonly known: KnownNote;
  /** By id, of all documents. */
  readonly digests: Map<string, string>;
}

export interface PublishDayOptions {
  readonly store: Store;
  readonly index: DayIndex;
  readonly clock: Clock;
  readonly host: string;
  /** Once it aborts, nothing further is written. */
  readonly stopping: AbortSignal;
}

export interface PublicationSummary {
  readonly written: number;
  readonly removed: number;
}

export type Publication =
  | { readonly kind: 'published'; readonly day: PublishedDay; readonly summary: PublicationSummary }
  /** Nothing has changed since. */
  | { readonly kind: 'unchanged' }
  /** There is nothing of the day. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'stopped' };

const BATCH_DOCUMENTS = 1_000;
const BATCH_BYTES = 4_194_304;
const BATCHES_AT_ONCE = 2;

/** What is known of a day before it is published. */
interface PublishedBefore {
  readonly known: KnownNote | undefined;
  /** Of the very publication that `known` is about, where it is known without asking. */
  readonly remembered?: PublishedDay | undefined;
}

export async function publishDay(
  day: UtcDay,
  before: PublishedBefore,
  options: PublishDayOptions,
): Promise<Publication> {
  const first = await publishFrom(day, before, options);
  if (first.kind !== 'incomplete') return first;
  const second = await publishFrom(day, { known: first.begun }, options);
  if (second.kind !== 'incomplete') return second;
  const { there, wanted } = second;
  throw new Problem(
    'cluster-refused',
    `${options.index.name} has ${String(there)} documents of ${day} after all ${String(wanted)} were written. Somebody else removes or writes some.`,
  );
}

/** Another number of documents is there than was published. */
interface Incomplete {
  readonly kind: 'incomplete';
  readonly begun: KnownNote;
  readonly there: number;
  readonly wanted: number;
}

async function publishFrom(
  day: UtcDay,
  { known, remembered }: PublishedBefore,
  options: PublishDayOptions,
): Promise<Publication | Incomplete> {
  const { store, index } = options;
  const origin = store.identity();
  const version = store.sessions.versionOf(day); // before it is read: what comes meanwhile is published next time
  if (known?.isFinished === true && known.note.version === version) return { kind: 'unchanged' };
  const documents = remembered ? { digests: remembered.digests, publication: 0 } : await index.documents(origin, day);
  const reader = store.sessions.read(day);
  if (!reader) return { kind: 'absent' };
  try {
    const owner = { day, origin, host: options.host };
    return await new DayPublication(owner, { ...options, known, version }).publish(reader, documents);
  } finally {
    reader.close();
  }
}

interface PublicationOptions extends PublishDayOptions {
  readonly known: KnownNote | undefined;
  readonly version: string;
}

interface Batch extends Pick<DocumentChanges, 'written' | 'removed'> {
  readonly written: DayDocument[];
}

class DayPublication {
  readonly #owner: DocumentOwner;
  readonly #options: PublicationOptions;
  readonly #digests = new Map<string, string>();
  readonly #counts = { successful: 0, failed: 0 };
  readonly #summary = { written: 0, removed: 0 };

  constructor(owner: DocumentOwner, options: PublicationOptions) {
    this.#owner = owner;
    this.#options = options;
  }

  async publish(
    reader: SessionDayReader,
    { digests: before, publication: later }: KnownDocuments,
  ): Promise<Publication | Incomplete> {
    const { index, known } = this.#options;
    const { origin, day } = this.#owner;
    const begun = await index.begin(known?.note ?? this.#note({ closed: false, leftOut: [] }), known, later);
    await this.#write(this.#changes(reader, before), begun);
    if (this.#isStopped()) return { kind: 'stopped' };
    await this.#write(removals(before), begun);
    if (this.#isStopped()) return { kind: 'stopped' };
    const [there, wanted] = [await index.settle(origin, day), this.#digests.size];
    if (there !== wanted) return { kind: 'incomplete', begun, there, wanted };
    const note = this.#note({ closed: reader.closed, leftOut: reader.unreadable() });
    const finished = await index.finish(note, begun);
    return { kind: 'published', day: { known: finished, digests: this.#digests }, summary: this.#summary };
  }

  /** What is found again is taken out of `before`. */
  *#changes(reader: SessionDayReader, before: Map<string, string>): Generator<Batch> {
    let batch: Batch = { written: [], removed: [] };
    let sizeBytes = 0;
    for (const document of this.#documents(reader)) {
      const isKnown = before.get(document.id) === document.digest;
      before.delete(document.id);
      this.#digests.set(document.id, document.digest);
      if (isKnown) continue;
      batch.written.push(document);
      sizeBytes += JSON.stringify(document.content).length;
      if (batch.written.length < BATCH_DOCUMENTS && sizeBytes < BATCH_BYTES) continue;
      yield batch;
      [batch, sizeBytes] = [{ written: [], removed: [] }, 0];
    }
    if (batch.written.length > 0) yield batch;
  }

  *#documents(reader: SessionDayReader): Generator<DayDocument> {
    for (const tally of reader.domainTallies()) {
      for (const { successful, failed } of tally.policies) {
        this.#counts.successful += successful;
        this.#counts.failed += failed;
      }
      yield* documentsOf(tally, this.#owner);
    }
  }

  async #write(batches: Iterator<Batch> & Iterable<Batch>, { publication }: KnownNote): Promise<void> {
    const { index } = this.#options;
    const worker = async (): Promise<void> => {
      for (const batch of batches) {
        if (this.#isStopped()) return;
        await index.write({ day: this.#owner.day, publication, ...batch });
        this.#summary.written += batch.written.length;
        this.#summary.removed += batch.removed.length;
      }
    };
    await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, worker));
  }

  #isStopped(): boolean {
    return this.#options.stopping.aborted;
  }

  #note({ closed, leftOut }: Pick<DayNote, 'closed' | 'leftOut'>): DayNote {
    const { clock, known, version } = this.#options;
    const nowSeconds = Math.floor(clock.nowMs() / 1_000);
    return {
      ...this.#owner,
      ...this.#counts,
      closed,
      leftOut,
      version,
      documents: this.#digests.size,
      // Whoever has fetched the day tells by it whether there is another one, whatever the clock does.
      publishedSeconds: Math.max(nowSeconds, (known?.note.publishedSeconds ?? 0) + 1),
    };
  }
}

function* removals(before: ReadonlyMap<string, string>): Generator<Batch> {
  const ids = [...before.keys()];
  for (let start = 0; start < ids.length; start += BATCH_DOCUMENTS)
    yield { written: [], removed: ids.slice(start, start + BATCH_DOCUMENTS) };
}
