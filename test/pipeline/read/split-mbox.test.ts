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

  it.each([
    'From x@y.example Sat Jan 31 00:00:00 2026',
    'From MAILER-DAEMON Sun Feb  1 07:08 2026',
    'From - Sat Jan 31 00:00:00 2026',
    'From "a b"@y.example  Sat Jan 31 00:00:00 CET 2026',
    'From x@y.example Sat Jan 31 00:00:00 +0100 2026  ',
    'From x@y.example Sat Jan 31 00:00:00 2026 +0100',
  ])('gives the next mail that no blank line is before: %s', async (line) => {
    const texts = ['A: 1\n\ntext\n', 'B: 2\n\nends with no line feed\n', '>From older\nC: 3\n'];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2_000 }), fc.constantFrom('\n', '\r\n'), async (length, lineEnd) => {
        const bytes = Buffer.from(texts.map((text) => `${line}\n${text}`.replaceAll('\n', lineEnd)).join(''));
        const found = await split(bytes, { length });
        expect(found.map((text) => text.replaceAll('\r\n', '\n'))).toEqual(texts);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    '>From x@y.example Sat Jan 31 00:00:00 2026\nB: 2',
    ' From x@y.example Sat Jan 31 00:00:00 2026\nB: 2',
    'From x@y.example Sat Jan 31 00:00:00 2026\nmore words: of somebody',
    'From x@y.example Sat Jan 31 00:00:00 2026\n\nB: 2',
    'From x@y.example Sat Jan 31 00:00:00 2026 we heard\nB: 2',
    'From x@y.example on Sat Jan 31 00:00:00 2026\nB: 2',
    'From Sat Jan 31 00:00:00 2026\nB: 2',
    'From x@y.example Sat, 31 Jan 2026 00:00:00\nB: 2',
    `From ${'x'.repeat(1_000)} Sat Jan 31 00:00:00 2026\nB: 2`,
  ])('takes no other line for the beginning of a mail: %j', async (lines) => {
    const text = `A: 1\n\ntext\n${lines}\n`;
    for (const length of [1, 50, 5_000])
      expect(await split(Buffer.from(`From x@y.example Sat Jan 31 00:00:00 2026\n${text}`), { length })).toEqual([
        text.replace('>From', 'From'),
      ]);
  });

  it('keeps the beginning of a mail that is too large, and goes on', async () => {
    const large = Buffer.alloc(10_002, 'X: y\n\n');
    expect(
      await split(mbox([Buffer.from('A: 1\n'), large, Buffer.from('B: 2\n')]), { maxBytes: 1_000, length: 64 }),
    ).toEqual(['A: 1\n\n', 'too large: X: y\n\n', 'B: 2\n\n']);
  });
});
