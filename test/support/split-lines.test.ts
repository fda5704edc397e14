import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from '#support/split-lines.ts';

async function linesOf(chunks: readonly (Buffer | string)[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of splitLines(Readable.from(chunks, { objectMode: true }))) lines.push(line.toString('latin1'));
  return lines;
}

describe('Splitting into lines', () => {
  it('gives each line without its end, whichever of the two it has', async () => {
    expect(await linesOf(['one\ntwo\r\n\n\r\nfive'])).toEqual(['one', 'two', '', '', 'five']);
    expect(await linesOf(['last\r'])).toEqual(['last']);
    expect(await linesOf([])).toEqual([]);
  });

  it('does not depend on where the chunks end', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '\r', '"'), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.integer({ min: 1, max: 5 })), async (lines, sizes) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''), 'latin1');
        const expected = lines.map((text) => text.replace(/\r$/, ''));
        expect(await linesOf(cut(bytes, sizes))).toEqual(expected);
      }),
    );
  });

  it('does not touch bytes that are not UTF-8', async () => {
    expect(await linesOf([Buffer.from([0xff, 0xfe, 0x0a, 0x00, 0x0a])])).toEqual(['\u00ff\u00fe', '\u0000']);
  });

  it('gives on the beginning of a line without end, and what follows it as it is', async () => {
    const chunk = 'x'.repeat(65_536);
    const lines = await linesOf([...Array.from({ length: 40 }, () => chunk), '\nnext\n']);
    expect(lines.map((line) => line.slice(-4))).toEqual(['xxxx', 'next']);
    expect(lines[0]?.length).toBeGreaterThan(1_048_576);
    expect(lines[0]?.length).toBeLessThanOrEqual(1_048_576 + chunk.length);
  });
});

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let start = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(start, start + size));
    start += size;
  }
  return [...chunks, bytes.subarray(start)];
}
