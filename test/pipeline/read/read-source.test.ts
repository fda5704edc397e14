import { describe, expect, it } from 'vitest';
import { readSource } from '#pipeline/read/read-source.ts';
import { ordinaryMail, reportMail } from '#test/support/inbound-mails.ts';
import { openerHere, unaskedSender } from '#test/support/mail-opening.ts';

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
  const reader = { opener: openerHere, verifying: unaskedSender, requiresSender: false };
  const outcomes: string[] = [];
  for await (const reading of readSource({ name: 'a', isNamed, sizeBytes, bytes }, reader))
    outcomes.push(reading.kind === 'unreadable' ? reading.code : reading.kind);
  return [outcomes.join(' '), asked];
}

const withMuch = (beginning: Buffer): Buffer[] => [
  Buffer.concat([beginning, Buffer.alloc(5_000, 'x')]),
  Buffer.alloc(LARGE_BYTES, 'x'),
];

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
