/**
 * Every command that goes through the days, beside an outbox of five days ago that is no good: that day is refused, and no other.
 */
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lockFile } from '#support/file-lock.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { makeNewer } from '#test/support/day-files.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';

const OLD = '2026-11-15' as UtcDay;
const DUE_MS = Date.UTC(2026, 10, 15);
const TO = 'mailto:tls@good.example';
const CONTACT = ['--contact', 'tlsrpt@sender.example'];
const NOBODY_THERE = [...CONTACT, '--smtp', 'smtp://127.0.0.1:1', '--timeout', '2s'];

const releases: (() => void)[] = [];

afterEach(() => {
  for (const release of releases.splice(0)) release();
});

/** One report about each of the two days, refused by its receiver or still to be sent, and sessions of the later one. */
async function stateWith(
  state: 'queued' | 'refused',
  spoil: (stem: string) => void,
): Promise<(...words: string[]) => Promise<ProgramRun>> {
  const days = await CollectedDays.make();
  days.collect([makeDatagram({ domain: 'new.example' })]);
  for (const [day, reportId] of [
    [OLD, 'old@sender.example'],
    [DAY, 'later@sender.example'],
  ] as const) {
    const outbox = days.store.outboxes.open(day);
    outbox.save([{ outgoing: reportWithId(reportId), destinations: [TO], dueMs: DUE_MS }]);
    const result = { reportId, destination: TO, attempts: 1, firstAttemptMs: DUE_MS, lastResult: '550 no' };
    if (state === 'refused') outbox.noteResult({ ...result, state, nextAttemptMs: undefined });
    outbox.close();
  }
  spoil(join(days.store.path, 'outbox', OLD));
  return (...words) => run(words, { stateDir: days.store.path });
}

const TROUBLES: [what: string, code: number, spoil: (stem: string) => void][] = [
  [
    'is no database',
    65,
    (stem) => {
      writeFileSync(`${stem}.sqlite`, 'no database');
    },
  ],
  [
    'was cut',
    65,
    (stem) => {
      truncateSync(`${stem}.sqlite`, 9_000);
    },
  ],
  [
    'was cut to nothing',
    65,
    (stem) => {
      truncateSync(`${stem}.sqlite`, 0);
    },
  ],
  [
    'was overwritten from its second page on',
    65,
    (stem) => {
      writeFileSync(`${stem}.sqlite`, readFileSync(`${stem}.sqlite`).fill(0xff, 4_096));
    },
  ],
  [
    'is a directory',
    65,
    (stem) => {
      rmSync(`${stem}.sqlite`);
      mkdirSync(`${stem}.sqlite`);
    },
  ],
  [
    'is of a newer version',
    65,
    (stem) => {
      makeNewer(`${stem}.sqlite`);
    },
  ],
];

const LOCKED: (typeof TROUBLES)[number] = [
  'is locked by another process',
  75,
  (stem) => {
    const result = lockFile(`${stem}.lock`);
    if (result.kind !== 'locked') return;
    const { lock } = result;
    releases.push(() => {
      lock.release();
    });
  },
];

describe('beside an outbox of five days ago', () => {
  it.each([...TROUBLES, LOCKED])('that %s, send delivers what is due of the others', async (_, code, spoil) => {
    const tlsrpt = await stateWith('queued', spoil);
    const sent = await tlsrpt('send', ...NOBODY_THERE);
    expect(sent).toMatchObject({ code, stderr: expect.stringMatching(new RegExp(`store-.*${OLD}`)) as string });
    expect(sent.stderr).toContain('mails-waiting');
  });

  it.each([...TROUBLES, LOCKED])('that %s, requeue queues what is meant of the others', async (_, code, spoil) => {
    const tlsrpt = await stateWith('refused', spoil);
    expect(await tlsrpt('requeue', '--state', 'refused')).toMatchObject({
      code,
      stdout: `later@sender.example -> ${TO}\n`,
      stderr: expect.stringMatching(new RegExp(`store-.*${OLD}`)) as string,
    });
  });

  it.each(TROUBLES)('that %s, status shows the others', async (_, code, spoil) => {
    const tlsrpt = await stateWith('queued', spoil);
    const shown = await tlsrpt('status');
    expect(shown).toMatchObject({ code, stderr: expect.stringMatching(new RegExp(`store-.*${OLD}`)) as string });
    expect(shown.stdout).toContain(TO);
  });

  it.each([...TROUBLES, LOCKED])('that %s, report builds the day that it is asked for', async (_, _code, spoil) => {
    const tlsrpt = await stateWith('queued', spoil);
    expect(await tlsrpt('report', ...CONTACT, '--keep-days', '2')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await tlsrpt('status', '--all', '--day', DAY)).stdout).toContain('new.example');
  });

  it.each(TROUBLES)('that %s, show finds a report of another', async (_, _code, spoil) => {
    const tlsrpt = await stateWith('queued', spoil);
    expect(await tlsrpt('show', 'later@sender.example')).toMatchObject({ code: 0 });
  });
});
