/**
 * The memory that reading takes, as the kernel counts it, whatever a stranger sends: the executable in a process of its own.
 */
import { randomFillSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inboundLimits } from '#tlsrpt/inbound-budget.ts';
import { soundDocument } from '#test/support/inbound-documents.ts';
import { forwarded, lines, reportMail } from '#test/support/inbound-mails.ts';
import { preload } from '#test/support/preload.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const MOST_MEGABYTES = 200;

function read(content: Buffer, ...flags: readonly string[]): Promise<{ code: number | null; peak: number }> {
  const file = join(scratchDirectory(), 'source');
  writeFileSync(file, content);
  return readFrom(file, ...flags);
}

async function readFrom(source: string, ...flags: readonly string[]): Promise<{ code: number | null; peak: number }> {
  const words = ['read', '--dns-server', '127.0.0.1:1', ...flags, source];
  const { exitCode, stderr } = await runTlsrpt(words, { environment: preload('print-peak.cjs') });
  const [, peak] = /^peak (\d+) MB$/m.exec(stderr) ?? [];
  return { code: exitCode, peak: Number(peak ?? NaN) };
}

/** As many failures as a report may have. */
const manyFailures = (): Buffer => {
  const failure = (number: number): string =>
    `{"result-type":"certificate-expired","failed-session-count":1,"receiving-ip":"10.${String(number)}"}`;
  const failures = Array.from({ length: inboundLimits.brackets - 100 }, (_, number) => failure(number));
  const text = JSON.stringify({ ...soundDocument(), policies: [{ 'failure-details': [] }] });
  return gzipSync(text.replace('[]', () => `[${failures.join(',')}]`));
};
const manyPolicies = (): Buffer =>
  gzipSync(
    `{"policies":[${Array(inboundLimits.brackets - 2)
      .fill('{}')
      .join()}]}`,
  );
const noise = (sizeBytes: number): string => randomFillSync(Buffer.alloc(sizeBytes)).toString('base64');
const attached = (...contents: readonly string[]): Buffer => {
  const header = ['--b', 'Content-Type: application/tlsrpt+gzip', 'Content-Transfer-Encoding: base64', ''];
  const parts = contents.flatMap((content) => [...header, content]);
  return Buffer.concat([reportMail().subarray(0, -'\r\n--b--\r\n'.length), lines('', ...parts, '--b--')]);
};
const withText = (text: string, ...header: readonly string[]): Buffer => {
  const mail = reportMail().toString('latin1');
  const part = [...header, '', text].join('\r\n');
  return Buffer.from(
    mail.replace('Content-Type: text/plain\r\n\r\n', () => part),
    'latin1',
  );
};
const words = (): string => 'some words here and there \r\n'.repeat(330_000);

describe('Reading', () => {
  it.each<[string, () => Buffer, number]>([
    ['a report with as many failures as there may be', manyFailures, 0],
    ['a report with as many policies as there may be', manyPolicies, 0],
    ['a mail with a hundred bombs', () => attached(...Array<string>(100).fill(manyPolicies().toString('base64'))), 65],
    ['mails in mails', () => forwarded(forwarded(forwarded(attached(noise(6_000_000))))), 65],
    ['a mail with a long text', () => withText(words(), 'Content-Type: text/plain; format=flowed'), 0],
    [
      'a mail of signs that stand for others',
      () =>
        reportMail({
          partHeader: ['Content-Type: application/tlsrpt+json'],
          encoding: 'quoted-printable',
          content: Buffer.alloc(3_000_000, '{}='),
        }),
      65,
    ],
  ])(
    'takes less than 200 MB for %s',
    async (_what, content, code) => {
      const ended = await read(content(), '--json');
      expect(ended.code).toBe(code);
      expect(ended.peak).toBeGreaterThan(30);
      expect(ended.peak).toBeLessThan(MOST_MEGABYTES);
    },
    120_000,
  );

  it('takes no more for many reports of the largest kind than for one', async () => {
    const folder = join(scratchDirectory(), 'reports');
    mkdirSync(folder);
    const content = manyFailures();
    for (const name of ['1', '2', '3', '4']) writeFileSync(join(folder, name), content);
    const ended = await readFrom(folder, '--csv');
    expect(ended.code).toBe(0);
    expect(ended.peak).toBeLessThan(MOST_MEGABYTES);
  }, 120_000);
});
