import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { soundDocument } from '#test/support/inbound-documents.ts';
import { lines, mbox, reportMail } from '#test/support/inbound-mails.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

function fileWith(content: Buffer | string): string {
  const file = join(scratchDirectory(), 'file');
  writeFileSync(file, content);
  return file;
}

describe('tlsrpt read, of what is odd', () => {
  it('reads a mail, and an mbox, behind a byte order mark and blank lines', async () => {
    for (const [content, numbers] of [
      [reportMail(), ['']],
      [mbox([reportMail(), reportMail()]), ['#1', '#2']],
    ] as const) {
      const file = fileWith(Buffer.concat([Buffer.from('\ufeff'), lines('', ''), content]));
      const { code, stdout } = await run(['read', '--json', '--dns-server', '127.0.0.1:1', file]);
      const sources = (JSON.parse(stdout) as { source: string }[]).map(({ source }) => source);
      expect([code, sources]).toEqual([0, numbers.map((number) => `${file}${number}`)]);
    }
  });

  it('remarks on members that are there twice, and takes the last', async () => {
    const twice = JSON.stringify(soundDocument()).replace('"report-id"', '"report-id":"first","report-id"');
    const { stdout } = await run(['read', '--lint', fileWith(twice)]);
    expect(stdout).toContain('remark member-repeated: a member is there several times');
    expect(stdout).toContain('report-id 2026-01-31T00:00:00Z_a.example');
  });

  it('says of a file that is not there that it is not there', async () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, 'empty'));
    const { code, stderr } = await run(['read', join(directory, 'missing'), join(directory, 'empty')]);
    expect(code).toBe(65);
    expect(stderr).toContain('missing cannot be read: there is no such file.');
  });
});
