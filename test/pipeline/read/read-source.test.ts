import { describe, expect, it } from 'vitest';
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import { readSource } from '#pipeline/read/read-source.ts';
import { bytesOf, soundDocument } from '#test/support/inbound-documents.ts';
import { ordinaryMail, reportMail } from '#test/support/inbound-mails.ts';
import { openerHere, unaskedSender } from '#test/support/mail-opening.ts';

const reader = { opener: openerHere, verifying: unaskedSender, requiresSender: false };
const failure = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{');
  throw failure;
}

async function* sound(): AsyncGenerator<Uint8Array> {
  yield bytesOf(soundDocument());
}

describe('A source', () => {
  it('that the system fails to read is unreadable', async () => {
    const readings: InboundReading[] = [];
    await readSource({ name: 'a', isNamed: true, bytes: failing }, reader, (reading) => {
      readings.push(reading);
      return Promise.resolve();
    });
    expect(readings).toMatchObject([{ kind: 'unreadable', source: 'a', code: 'not-readable' }]);
  });

  it('is not held to be unreadable for what goes wrong with what was read', async () => {
    const taking = readSource({ name: 'a', isNamed: true, bytes: sound }, reader, () => Promise.reject(failure));
    await expect(taking).rejects.toBe(failure);
  });
});

const LARGE_BYTES = 10_485_761;

interface Wish {
  readonly isNamed?: boolean;
  /** As whoever has it says. */
  readonly sizeBytes?: number;
}

/** What becomes of it, and how much of it was asked for. */
async function read(pieces: readonly Buffer[], { isNamed = false, sizeBytes }: Wish = {}): Promise<[string, number]> {
  let asked = 0;
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) {
      asked += 1;
      yield piece;
    }
  };
  const outcomes: string[] = [];
  await readSource({ name: 'a', isNamed, sizeBytes, bytes }, reader, (reading) => {
    outcomes.push(reading.kind === 'unreadable' ? reading.code : reading.kind);
    return Promise.resolve();
  });
  return [outcomes.join(' '), asked];
}

const withMuch = (beginning: Buffer): Buffer[] => [
  Buffer.concat([beginning, Buffer.alloc(5_000, 'x')]),
  Buffer.alloc(LARGE_BYTES, 'x'),
];

describe('A mail of an mbox that is larger than any report', () => {
  it('is passed over unless it says that it is a report, and the next one is read', async () => {
    const [separator, report] = [Buffer.from('\n\nFrom x\n'), reportMail()];
    for (const [large, outcome] of [
      [ordinaryMail, 'passed-over'],
      [Buffer.from('words'), 'passed-over'],
      [report, 'too-large'],
    ] as const) {
      const pieces = [separator.subarray(2), ...withMuch(large), separator, report];
      expect(await read(pieces)).toEqual([`${outcome} report`, pieces.length]);
      expect(await read(pieces, { isNamed: true })).toEqual([`${outcome} report`, pieces.length]);
    }
  });
});

describe('A source that is larger than any report', () => {
  it('is passed over where it is a mail that nobody named and that says nothing of a report', async () => {
    expect(await read(withMuch(ordinaryMail))).toEqual(['passed-over', 2]);
    expect(await read(withMuch(ordinaryMail), { isNamed: true })).toEqual(['too-large', 2]);
    expect(await read(withMuch(reportMail()))).toEqual(['too-large', 2]);
    expect(await read(withMuch(Buffer.from('words')))).toEqual(['too-large', 2]);
  });

  it('is not asked for more than its beginning where its size is said', async () => {
    const sizeBytes = LARGE_BYTES;
    expect(await read(withMuch(ordinaryMail), { sizeBytes })).toEqual(['passed-over', 1]);
    expect(await read(withMuch(reportMail()), { sizeBytes })).toEqual(['too-large', 1]);
  });

  it('is found to be so where less is said', async () => {
    expect(await read(withMuch(ordinaryMail), { sizeBytes: 1 })).toEqual(['passed-over', 2]);
  });
});
