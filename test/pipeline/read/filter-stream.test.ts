import { describe, expect, it } from 'vitest';
import { byteMailEditor } from '#adapters/mail/editing/byte-mail-editor.ts';
import type { MailFilter } from '#pipeline/read/filter-mail.ts';
import { filterStream } from '#pipeline/read/filter-stream.ts';
import { lines, ordinaryMail, REPORT_HEADER } from '#test/support/inbound-mails.ts';

const filter: MailFilter = {
  editor: byteMailEditor,
  read: () => Promise.resolve({ kind: 'no-report' }),
  textOf: () => '',
  expectsReport: false,
  requiresSender: false,
  deadlineMs: 20_000,
  told: () => undefined,
};
const MEGABYTE = Buffer.alloc(1_048_576, 'line\r\n');

/** What comes out of these pieces, and how large the pieces are. */
async function passed(pieces: readonly Buffer[], changes: Partial<MailFilter> = {}): Promise<Buffer[]> {
  const written: Buffer[] = [];
  const input = async function* (): AsyncGenerator<Buffer> {
    yield* pieces;
  };
  await filterStream(
    input(),
    async (bytes) => {
      written.push(Buffer.from(bytes));
    },
    { ...filter, ...changes },
  );
  return written;
}

describe('a mail that is passed on', () => {
  it('comes out whole in whatever pieces it comes', async () => {
    const bytes = [...ordinaryMail].map((byte) => Buffer.of(byte));
    for (const pieces of [[], [ordinaryMail], bytes])
      expect(Buffer.concat(await passed(pieces))).toEqual(Buffer.concat(pieces));
  });

  it('is not kept when it is larger than any report', async () => {
    const pieces = [
      lines('Subject: x', 'TLS-Report-Has-Failures: 1', ''),
      ...Array.from({ length: 32 }, () => MEGABYTE),
    ];
    const written = await passed(pieces, { read: () => Promise.reject(new Error('it is read')) });
    expect(Buffer.concat(written).equals(Buffer.concat([lines('Subject: x', ''), ...pieces.slice(1)]))).toBe(true);
    expect(Math.max(...written.map(({ length }) => length))).toBeLessThan(12 * MEGABYTE.length);
  });

  it('has no field that it came with, also where its header is larger than a mail, and a piece ends within it', async () => {
    const spoofed = Buffer.from('TLS-Report-Has-Failures: 1\r\n 2\r\n');
    const header = Array.from({ length: 11 }, () =>
      Buffer.alloc(1_048_576, `X: ${'y'.repeat(60)}\r\n`).subarray(0, -64),
    );
    const end = lines('', 'TLS-Report-Has-Failures: 1');
    for (let cut = 0; cut <= spoofed.length; cut += 1) {
      const pieces = [...header, Buffer.from('\r\n'), spoofed.subarray(0, cut), spoofed.subarray(cut), spoofed, end];
      const written = Buffer.concat(await passed(pieces));
      expect(written.equals(Buffer.concat([...header, Buffer.from('\r\n'), end]))).toBe(true);
    }
  });

  it('is marked when it is too large and says that it is a report, or one is expected', async () => {
    const MARK = 'TLS-Report-Has-Failures: cannot be read: it is larger than any report\r\n';
    const large = Array.from({ length: 11 }, () => MEGABYTE);
    const [claiming] = await passed([lines(...REPORT_HEADER, ''), ...large]);
    expect(claiming?.toString('latin1', 0, MARK.length)).toBe(MARK);
    const [other] = await passed([lines('Subject: x', ''), ...large], { expectsReport: true });
    expect(other?.toString('latin1', 0, MARK.length)).toBe(MARK);
  });

  it('rejects when it cannot be read or written', async () => {
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield ordinaryMail;
      throw new Error('no more');
    };
    await expect(filterStream(failing(), () => Promise.resolve(), filter)).rejects.toThrow('no more');
    await expect(
      filterStream(
        (async function* () {
          yield ordinaryMail;
        })(),
        () => Promise.reject(new Error('full')),
        filter,
      ),
    ).rejects.toThrow('full');
  });
});
