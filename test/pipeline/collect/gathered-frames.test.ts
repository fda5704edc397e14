import { beforeEach, describe, expect, it } from 'vitest';
import { GatheredFrames } from '#pipeline/collect/gathered-frames.ts';
import { frameKind } from '#store/durable/journal-format.ts';
import { JournalReader } from '#store/durable/journal-reader.ts';
import { SessionJournal } from '#store/sessions/session-journal.ts';
import { DatagramBatch, visitPayload } from '#store/tally/datagram-payload.ts';
import { AskingReceiver, FakeReceiver } from '#test/support/fake-receiver.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** What a frame says, in order. */
type Said = readonly (string | number)[];

const STEM = '/2026-11-19';
/** A journal begins by saying which day it is. */
const BEGIN_FRAMES = 1;

let gathered: GatheredFrames;
/** Of the numbers that come next. */
let generation: number;
let disk: SimulatedDisk;
const asking = new AskingReceiver();
const other = new FakeReceiver();

function said(payload: Buffer): Said[] {
  const what: Said[] = [];
  visitPayload(payload, {
    beginAnew: () => what.push(['anew']),
    define: (number, bytes) => what.push(['define', number, bytes.length > 20 ? bytes.length : bytes.toString()]),
    count: (number, times) => what.push(['count', number, times]),
  });
  return what;
}

/** A journal in which so many frames are already. */
async function journalBehind(framesBefore = 0): Promise<SessionJournal> {
  const options = { identity: { day: '2026-11-19' as UtcDay, origin: 'origin' }, loadContext: neverAsked };
  const journal = await SessionJournal.open({ disk, stem: STEM, ...options, announce: () => undefined });
  for (let left = framesBefore - BEGIN_FRAMES; left > 0; left -= 1)
    journal.putFigures({ sums: new Map(), peaks: new Map() });
  return journal;
}

const neverAsked = (): Promise<never> => Promise.reject(new Error('no day was closed'));

/** What the frames of datagrams say that are in the journal, without the number that each has. */
async function framesIn(journal: SessionJournal): Promise<Said[][]> {
  await journal.write();
  const reader = JournalReader.open(disk, STEM);
  const frames = [...reader.frames(0)].filter(({ kind }) => kind === frameKind.datagrams);
  reader.close();
  return frames.map(({ payload }) => said(payload));
}

function count(number: number, text: string, receiver: FakeReceiver = asking): void {
  if (!gathered.isDefined(number, generation)) gathered.define(number, generation, Buffer.from(text));
  gathered.count(number, receiver);
}

beforeEach(() => {
  gathered = new GatheredFrames(new DatagramBatch());
  generation = 0;
  disk = new SimulatedDisk();
  asking.outcomes.length = 0;
});

describe('What is gathered for a day', () => {
  it('becomes a frame in which bytes come once, and not again in later frames', async () => {
    const journal = await journalBehind();
    for (const number of [0, 1, 0, 0]) count(number, `text ${String(number)}`);
    expect(gathered.isEmpty).toBe(false);
    gathered.putInto(journal);
    count(1, 'never written');
    gathered.putInto(journal);
    const written = [
      [['anew'], ['define', 0, 'text 0'], ['define', 1, 'text 1'], ['count', 0, 3], ['count', 1, 1]],
      [['count', 1, 1]],
    ];
    expect(await framesIn(journal)).toEqual(written);
    expect([gathered.isEmpty, gathered.sizeBytes]).toEqual([true, 0]);
    gathered.putInto(journal);
    expect(await framesIn(journal)).toEqual(written);
  });

  it('is cut into frames of about a megabyte of text, whose sizes it knows', async () => {
    for (let number = 0; number < 30; number += 1) count(number, 'x'.repeat(200_000));
    expect(gathered.sizeBytes).toBeGreaterThan(6_000_000);
    const journal = await journalBehind();
    gathered.putInto(journal);
    const sizes = (await framesIn(journal)).map(
      (frame) => frame.filter(([what]) => what === 'define').length * 200_000,
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(6_000_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_200_000);
    expect(gathered.sizeBytes).toBe(0);
  });

  it('counts numbers without end', async () => {
    count(350_000, 'the last one');
    const journal = await journalBehind();
    gathered.putInto(journal);
    expect(await framesIn(journal)).toEqual([[['anew'], ['define', 350_000, 'the last one'], ['count', 350_000, 1]]]);
  });

  it('begins anew with numbers that are given anew, in a frame of its own', async () => {
    count(0, 'old');
    generation = 1;
    expect(gathered.isDefined(0, generation)).toBe(false);
    count(0, 'new');
    count(0, 'never written');
    const journal = await journalBehind();
    gathered.putInto(journal);
    expect(await framesIn(journal)).toEqual([
      [['anew'], ['define', 0, 'old'], ['count', 0, 1]],
      [['anew'], ['define', 0, 'new'], ['count', 0, 2]],
    ]);
  });
});

describe('What became of each datagram', () => {
  it('is told in order to receivers that ask, once its frame is tallied', async () => {
    const journal = await journalBehind(6);
    count(0, 'good');
    count(1, 'bad');
    count(0, 'good');
    gathered.putInto(journal);
    count(1, 'bad', other);
    count(1, 'bad');
    gathered.putInto(journal);
    gathered.noteRejected(7, 1, 'not-json');
    expect(asking.outcomes).toEqual([]);
    expect(gathered.noteTallied(7)).toBe(true);
    expect(asking.outcomes).toEqual(['tallied', 'not-json', 'tallied']);
    expect(gathered.noteTallied(8)).toBe(true);
    expect(asking.outcomes).toEqual(['tallied', 'not-json', 'tallied', 'not-json']);
  });

  it('is known of everything up to a frame that is tallied', async () => {
    const journal = await journalBehind();
    for (let round = 0; round < 3; round += 1) {
      count(0, 'good');
      gathered.putInto(journal);
    }
    gathered.noteTallied(3);
    expect(asking.outcomes).toHaveLength(2);
    gathered.noteTallied(4);
    expect(asking.outcomes).toHaveLength(3);
  });

  it('is not mixed up when numbers are given anew', async () => {
    const journal = await journalBehind();
    count(0, 'bad');
    generation = 1;
    count(0, 'good');
    gathered.putInto(journal);
    gathered.noteRejected(2, 0, 'not-json');
    gathered.noteTallied(2);
    gathered.noteTallied(3);
    expect(asking.outcomes).toEqual(['not-json', 'tallied']);
  });

  it('is nobody’s here for frames of an earlier run', async () => {
    count(0, 'good');
    gathered.putInto(await journalBehind(4));
    expect([gathered.noteTallied(3), gathered.noteTallied(5), gathered.noteTallied(5)]).toEqual([false, true, false]);
  });
});
