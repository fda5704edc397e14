import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { soundDocument } from '#test/support/inbound-documents.ts';
import { documentOf, INBOUND_DAY } from '#test/support/inbound-entries.ts';
import { forwarded, mbox, ordinaryMail, reportMail } from '#test/support/inbound-mails.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const DAY_MS = 86_400_000;
const NEXT_MORNING_MS = startOfDayMs(INBOUND_DAY) + DAY_MS + 3 * 3_600_000;

interface Host {
  readonly stateDir: string;
  readonly mails: string;
}

function newHost(files: Readonly<Record<string, unknown>>): Host {
  const mails = scratchDirectory();
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(mails, name), Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return { stateDir: join(scratchDirectory(), 'state'), mails };
}

function store(host: Host, nowMs = NEXT_MORNING_MS, ...flags: readonly string[]): Promise<ProgramRun> {
  return run(['read', '--store', ...flags, host.mails], { stateDir: host.stateDir, nowMs });
}

function lastLine({ stdout }: ProgramRun): string | undefined {
  return stdout.trimEnd().split('\n').at(-1);
}

async function keptIds({ stateDir }: Host): Promise<(string | undefined)[]> {
  const { inbound } = await Store.open(stateDir);
  const entries = inbound.days().flatMap((day) => [...inbound.entries(day, () => undefined)]);
  return entries.map(({ report }) => report.reportId);
}

describe('tlsrpt read --store', () => {
  it('keeps each report once, whatever way it came, and says what it kept', async () => {
    const host = newHost({
      'a.json': soundDocument(),
      'b.json.gz': gzipSync(JSON.stringify(soundDocument(), undefined, 2)),
      'c.eml': reportMail(),
      'd.eml': forwarded(reportMail()),
      'e.mbox': mbox([ordinaryMail, reportMail()]),
      'f.json': documentOf('two'),
    });
    const first = await store(host);
    expect([first.code, lastLine(first)]).toEqual([0, '2 stored, 4 stored before.']);
    expect(await keptIds(host)).toEqual(['2026-01-31T00:00:00Z_a.example', 'two']);
    expect(lastLine(await store(host))).toBe('0 stored, 6 stored before.');
  });

  it('shows the same as without it, in each form', async () => {
    const host = newHost({ 'a.json': soundDocument() });
    for (const flag of ['--json', '--csv', '--lint']) {
      const { stdout } = await store(host, NEXT_MORNING_MS, flag);
      const { stdout: plain } = await run(['read', flag, host.mails]);
      expect(stdout).toBe(flag === '--lint' ? `${plain}${lastLine({ stdout, code: 0, stderr: '' }) ?? ''}\n` : plain);
    }
  });

  it('makes nothing without it', async () => {
    const host = newHost({ 'a.json': soundDocument() });
    await run(['read', host.mails], { stateDir: host.stateDir });
    await expect(keptIds(host)).resolves.toEqual([]);
  });

  it('does not keep what is older than it would be kept, and says so', async () => {
    const host = newHost({ 'a.json': soundDocument() });
    const later = await store(host, NEXT_MORNING_MS + 401 * DAY_MS);
    expect([later.code, lastLine(later)]).toEqual([0, '0 stored, 1 older than keep_inbound_days.']);
    expect(lastLine(await store(host, NEXT_MORNING_MS + 3 * DAY_MS, '--keep-inbound-days', '2'))).toBe(
      '0 stored, 1 older than keep_inbound_days.',
    );
  });

  it('keeps what has no day that can be believed under the day on which it came, once', async () => {
    const undated = { ...soundDocument(), 'report-id': 'undated', 'date-range': {} };
    const future = {
      ...soundDocument(),
      'report-id': 'future',
      'date-range': { 'start-datetime': '9000-01-01T00:00:00Z', 'end-datetime': '9000-01-01T23:59:59Z' },
    };
    const host = newHost({ 'a.json': undated, 'b.json': future });
    expect(lastLine(await store(host))).toBe('2 stored.');
    expect(lastLine(await store(host, NEXT_MORNING_MS + 30 * DAY_MS))).toBe('0 stored, 2 stored before.');
    const { inbound } = await Store.open(host.stateDir);
    expect(inbound.days()).toEqual(['2026-02-01']);
  });

  it('keeps what came while the clock was years behind once, also when it is right again', async () => {
    const host = newHost({ 'a.json': soundDocument() });
    expect(lastLine(await store(host, 86_400_000))).toBe('1 stored.');
    expect(lastLine(await store(host))).toBe('0 stored, 1 stored before.');
  });

  it('goes on with other days where one cannot be stored, shows all, and ends as that says', async () => {
    const other = {
      ...documentOf('other day'),
      'date-range': { 'start-datetime': '2026-01-30T00:00:00Z', 'end-datetime': '2026-01-30T23:59:59Z' },
    };
    const host = newHost({ 'a.json': soundDocument(), 'b.json': other, 'c.json': 'no report' });
    mkdirSync(join(host.stateDir, 'inbound', `${INBOUND_DAY}.sqlite`), { recursive: true });
    const { code, stdout, stderr } = await store(host, NEXT_MORNING_MS, join(host.mails, 'c.json'));
    expect([code, stdout.split('\n').filter((line) => line.startsWith('failures')).length]).toEqual([65, 2]);
    expect(lastLine({ code, stdout, stderr })).toBe('1 stored, 1 that could not be stored.');
    expect(stderr).toContain(`error store-not-readable: ${join(host.stateDir, 'inbound', `${INBOUND_DAY}.sqlite`)}`);
    rmSync(join(host.stateDir, 'inbound', `${INBOUND_DAY}.sqlite`), { recursive: true });
    expect(lastLine(await store(host))).toBe('1 stored, 1 stored before.');
  });

  it('removes days that are older than they are kept, once they have been for so long by the time that passed', async () => {
    const host = newHost({ 'a.json': soundDocument() });
    await store(host);
    await store(host, NEXT_MORNING_MS + 10 * DAY_MS);
    await store(host, NEXT_MORNING_MS + 4_000 * DAY_MS); // a clock that is wrong
    expect(await keptIds(host)).toHaveLength(1);
    const { inbound } = await Store.open(host.stateDir);
    const store400 = await Store.open(host.stateDir, undefined, () => ({ boot: 'one', upMs: 0 }));
    const at = (days: number): { today: UtcDay; countedFrom: UtcDay; keepDays: number } => {
      const today = new Date(NEXT_MORNING_MS + days * DAY_MS).toISOString().slice(0, 10) as UtcDay;
      return { today, countedFrom: today, keepDays: 400 };
    };
    await store400.removeOldInbound(at(1), () => undefined);
    const after = await Store.open(host.stateDir, undefined, () => ({ boot: 'one', upMs: 401 * DAY_MS }));
    expect(await after.removeOldInbound(at(402), () => undefined)).toEqual([
      { day: INBOUND_DAY, what: 'reports of others', loss: undefined },
    ]);
    expect([inbound.days(), readdirSync(join(host.stateDir, 'inbound'))]).toEqual([[], ['day-ages.json']]);
  });
});
