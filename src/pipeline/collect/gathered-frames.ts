/**
 * What has come for a day since the last frame, and what is still to be heard of the frames before.
 *
 * A datagram's bytes go into the day's journals once; after that its number is enough. When numbers are given anew, so are their bytes.
 */
import type { SessionJournal } from '#store/sessions/session-journal.ts';
import type { DatagramBatch } from '#store/tally/datagram-payload.ts';
import type { RejectionReason } from '#store/tally/session-tally.ts';
import type { Poster, Posting, Receiver } from './receiver.ts';

/** A frame is cut when it has so much text, so that whoever tallies it is not kept long. */
const FRAME_BYTES = 1_048_576;
const FIRST_NUMBERS = 1_024;

type Rejections = Map<number, RejectionReason>;

interface Entry {
  readonly receiver: Receiver;
  readonly number: number;
}

interface Gathered {
  /** Its header is filled in by the journal. */
  readonly bytes: Buffer;
  readonly datagrams: number;
  /** Those for whom their receiver wants to hear what became of them. */
  readonly entries: readonly Entry[];
  /** What is known of the numbers that the frame uses. */
  readonly rejected: Rejections;
  readonly hasReceipts: boolean;
  readonly posters: Posters;
}

/** How much each of them waits to be journaled. */
type Posters = ReadonlyMap<Poster, number>;

interface Untallied extends Pick<Gathered, 'datagrams' | 'entries' | 'rejected'> {
  readonly frame: number;
}

interface Unanswered {
  readonly frame: number;
  readonly posters: Posters;
}

export class GatheredFrames {
  readonly #batch: DatagramBatch;
  #cut: Gathered[] = [];
  #cutBytes = 0;
  #entries: Entry[] = [];
  /** In the batch. */
  #datagrams = 0;
  #untallied: Untallied[] = [];
  /** 1 for each number whose bytes the journals have. */
  #defined = new Uint8Array(FIRST_NUMBERS);
  #generation = -1;
  #rejected: Rejections = new Map();
  #posters = new Map<Poster, number>();
  #unanswered: Unanswered[] = [];
  /** The last one that was put, 0 before there is one. */
  #lastFrame = 0;

  constructor(batch: DatagramBatch) {
    this.#batch = batch;
  }

  get isEmpty(): boolean {
    return this.#batch.isEmpty && this.#cut.length === 0 && this.#posters.size === 0;
  }

  /** True when somebody waits for an answer. */
  get isAwaited(): boolean {
    return this.#posters.size > 0 || this.#cut.some(({ posters }) => posters.size > 0) || this.#unanswered.length > 0;
  }

  /** True when nothing more is gathered into some of it. */
  get hasWholeFrames(): boolean {
    return this.#cut.length > 0;
  }

  get sizeBytes(): number {
    return this.#cutBytes + this.#batch.sizeBytes;
  }

  /** The journals have lost what they had: everything is to be said again. */
  forgetDefined(): void {
    this.#defined.fill(0);
  }

  /** Whether the journals have the bytes for which a number stands in that generation of numbers. */
  isDefined(number: number, generation: number): boolean {
    return generation === this.#generation && this.#defined[number] === 1;
  }

  /** Another generation than before is the one of all numbers that come next. */
  define(number: number, generation: number, bytes: Buffer): void {
    if (generation !== this.#generation) this.#beginGeneration(generation);
    if (this.#batch.sizeBytes > FRAME_BYTES) this.#cutBatch();
    while (number >= this.#defined.length) this.#grow();
    this.#defined[number] = 1;
    this.#batch.define(number, bytes);
  }

  count(number: number, receiver: Receiver): void {
    this.#batch.count(number);
    this.#datagrams += 1;
    if (receiver.settled) this.#entries.push({ receiver, number });
  }

  /** To be called right after what was posted is counted, so that one frame has both; or for what was counted when it was posted before. */
  post({ poster, receipt }: Pick<Posting, 'poster' | 'receipt'>): void {
    if (receipt) this.#batch.receipt(receipt);
    this.#posters.set(poster, (this.#posters.get(poster) ?? 0) + 1);
  }

  /** Everything, as frames of the journal. */
  putInto(journal: SessionJournal): void {
    this.#cutBatch();
    for (const { bytes, hasReceipts, posters, datagrams, entries, rejected } of this.#cut) {
      this.#lastFrame = journal.put(bytes, hasReceipts);
      this.#untallied.push({ frame: this.#lastFrame, datagrams, entries, rejected });
      this.#awaitFrame(posters);
    }
    this.#awaitFrame(this.#takePosters()); // of what was counted before
    this.#cut = [];
    this.#cutBytes = 0;
  }

  #awaitFrame(posters: Posters): void {
    if (posters.size > 0) this.#unanswered.push({ frame: this.#lastFrame, posters });
  }

  #takePosters(): Posters {
    const posters = this.#posters;
    if (posters.size > 0) this.#posters = new Map();
    return posters;
  }

  /** Everything up to that frame is journaled, as those who posted it want it. */
  noteJournaled(frame: number): void {
    for (let [next] = this.#unanswered; next && next.frame <= frame; [next] = this.#unanswered) {
      this.#unanswered.shift();
      for (const [poster, count] of next.posters) poster.journaled(count);
    }
  }

  /** How many datagrams there are that no frame up to that one speaks of. */
  countBehind(frame: number): number {
    const later = this.#untallied.filter((untallied) => untallied.frame > frame);
    return [...later, ...this.#cut].reduce((sum, { datagrams }) => sum + datagrams, this.#datagrams);
  }

  noteRejected(frame: number, number: number, reason: RejectionReason): void {
    this.#untallied.find((untallied) => untallied.frame === frame)?.rejected.set(number, reason);
  }

  /** False for a frame that an earlier run put. */
  noteTallied(frame: number): boolean {
    const isOwn = this.#untallied.some((untallied) => untallied.frame === frame);
    const end = this.#untallied.findIndex((untallied) => untallied.frame > frame);
    for (const { entries, rejected } of this.#untallied.splice(0, end < 0 ? this.#untallied.length : end)) {
      for (const { receiver, number } of entries) receiver.settled?.(rejected.get(number) ?? 'tallied');
    }
    return isOwn;
  }

  #beginGeneration(generation: number): void {
    this.#cutBatch();
    this.#generation = generation;
    this.#defined.fill(0);
    this.#rejected = new Map();
    this.#batch.beginAnew();
  }

  #cutBatch(): void {
    if (this.#batch.isEmpty) return;
    const { hasReceipts } = this.#batch;
    const bytes = this.#batch.cut();
    this.#cutBytes += bytes.length;
    this.#cut.push({
      bytes,
      hasReceipts,
      posters: this.#takePosters(),
      entries: this.#entries,
      rejected: this.#rejected,
      datagrams: this.#datagrams,
    });
    this.#entries = [];
    this.#datagrams = 0;
  }

  #grow(): void {
    const defined = new Uint8Array(this.#defined.length * 2);
    defined.set(this.#defined);
    this.#defined = defined;
  }
}
