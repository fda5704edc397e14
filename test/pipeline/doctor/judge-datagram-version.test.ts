import { describe, expect, it } from 'vitest';
import { judgeDatagramVersion } from '#pipeline/doctor/judge-datagram-version.ts';
import type { DatagramVersionFacts } from '#pipeline/doctor/judge-datagram-version.ts';

const NOW_MS = Date.parse('2026-11-29T12:00:00Z');
const path = '/usr/lib/libtlsrpt.so.0.0.0';
const facts: DatagramVersionFacts = { library: undefined, otherVersionMs: undefined, nowMs: NOW_MS };

describe('judgeDatagramVersion', () => {
  it.each<readonly [Partial<DatagramVersionFacts>, RegExp]>([
    [{ library: { path, sendsVersion: true } }, /so\.0\.0\.0 says of which version/],
    [{ library: { path, sendsVersion: false } }, /does not say .* read as version 1/],
    [{ library: { path, sendsVersion: true }, otherVersionMs: NOW_MS - 172_800_000 }, /says of which version/],
  ])('is content with what libtlsrpt sends, case %#', (traits, what) => {
    expect(judgeDatagramVersion({ ...facts, ...traits })).toEqual([
      { grade: 'ok', check: 'datagram-version', what: expect.stringMatching(what) as string },
    ]);
  });

  it('has nothing to say where no libtlsrpt is found', () => {
    expect(judgeDatagramVersion(facts)).toEqual([]);
  });

  it('finds that datagrams of another version came lately', () => {
    expect(judgeDatagramVersion({ ...facts, otherVersionMs: NOW_MS - 60_000 })).toMatchObject([
      {
        grade: 'warning',
        what: 'Datagrams come that are of another version of the protocol than 1 (dpv), at last at 2026-11-29T11:59:00.000Z.',
      },
    ]);
  });
});
