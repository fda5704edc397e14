/**
 * Publishes one day of this host: only what has changed since it was published last is written, and what is not there any more is removed.
 *
 * What was published is known from the index, or remembered from the publication before by whoever runs on. A day is read domain by domain; of all of it
 * only ids and digests are held in memory. It can be killed and repeated at any time.
 */
import type { Store } from '#store/store.ts';
import type { Clock } from '#support/clock.ts';
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DayIndex, DayNote, DocumentChanges, KnownNote } from './day-index.ts';
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

/** `remembered`: what was published before, where it is known without asking. */
export async function publishDay(
  day: UtcDay,
  { known, remembered }: { readonly known: KnownNote | undefined; readonly remembered?: PublishedDay | undefined },
  options: PublishDayOptions,
): Promise<Publication> {
  const { store, index } = options;
  const origin = store.identity();
  const version = store.sessions.versionOf(day); // before it is read: what comes meanwhile is published next time
  if (known?.isFinished === true && known.note.version === version) return { kind: 'unchanged' };
  const digests = remembered?.digests ?? (known ? await index.digests(origin, day) : new Map<string, string>());
  const reader = store.sessions.read(day);
  if (!reader) return { kind: 'absent' };
  try {
    return await new DayPublication({ day, origin, host: options.host }, { ...options, known, version }).publish(
      reader,
      digests,
    );
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

  async publish(reader: SessionDayReader, before: Map<string, string>): Promise<Publication> {
    const { index, known } = this.#options;
    const begun = await index.begin(known?.note ?? this.#note({ closed: false, leftOut: [] }), known);
    await this.#write(this.#changes(reader, before), begun);
    if (this.#isStopped()) return { kind: 'stopped' };
    await this.#write(removals(before), begun);
    if (this.#isStopped()) return { kind: 'stopped' };
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
