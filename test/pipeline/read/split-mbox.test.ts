import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitMbox } from '#pipeline/read/split-mbox.ts';
import { mbox } from '#test/support/inbound-mails.ts';

async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function split(bytes: Buffer, { length = 7, maxBytes = 1_000_000 } = {}): Promise<string[]> {
  const mails: string[] = [];
  for await (const mail of splitMbox(inPieces(bytes, length), maxBytes))
    mails.push(Buffer.isBuffer(mail) ? mail.toString() : `too large: ${mail.beginning.toString('latin1', 0, 6)}`);
  return mails;
}

describe('splitting an mbox', () => {
  it('gives its mails, whatever the line ends and the pieces in which it is read', async () => {
    const texts = ['A: 1\n\ntext\nFrom here neither\n', 'B: 2\n\n>From and >From x\n>>From y\n', 'C: 3\n\n'];
    const expected = ['A: 1\n\ntext\nFrom here neither\n\n', 'B: 2\n\nFrom and >From x\n>From y\n\n', 'C: 3\n\n\n'];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 80 }), fc.constantFrom('\n', '\r\n'), async (length, lineEnd) => {
        const mails = texts.map((text) => Buffer.from(text.replaceAll('\n', lineEnd)));
        const found = await split(mbox(mails, lineEnd), { length });
        expect(found.map((text) => text.replaceAll('\r\n', '\n'))).toEqual(expected);
      }),
    );
  });

  it('keeps the beginning of a mail that is too large, and goes on', async () => {
    const large = Buffer.alloc(10_002, 'X: y\n\n');
    expect(
      await split(mbox([Buffer.from('A: 1\n'), large, Buffer.from('B: 2\n')]), { maxBytes: 1_000, length: 64 }),
    ).toEqual(['A: 1\n\n', 'too large: X: y\n\n', 'B: 2\n\n']);
  });
});
