import { describe, expect, it } from 'vitest';
import { noReportingAddress, reportingAddressUnusable } from '#events/report-events.ts';
import type { LogEvent } from '#events/event.ts';
import { mappedDestinations } from '#pipeline/report/mapped-destinations.ts';
import { planReports } from '#pipeline/report/plan-reports.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { mapsOf } from '#test/support/maps.ts';

type MapLines = Parameters<typeof mapsOf>[0];

function run(lines: MapLines | undefined, recorded: readonly string[]): { uris: string[]; logged: LogEvent[] } {
  const logged: LogEvent[] = [];
  const maps = lines && mapsOf(lines);
  const destinations = mappedDestinations(
    maps,
    'a.example',
    (event) => logged.push(event),
    (tell) => {
      tell(
        recorded.length > 0
          ? reportingAddressUnusable('a.example', 'x:', 'why')
          : noReportingAddress('a.example', 'why'),
      );
      return recorded.map(readDestination).flatMap((reading) => (reading.kind === 'address' ? [reading.address] : []));
    },
  );
  return { uris: destinations.map(({ uri }) => uri), logged };
}

function names({ logged }: { logged: LogEvent[] }): string[] {
  return logged.map(({ level, name }) => `${level} ${name}`);
}

const MAIL = 'mailto:tls@a.example';

describe('mappedDestinations', () => {
  it.each([undefined, {}])('leaves everything as it is without maps (%j)', (none) => {
    const result = run(none, [MAIL]);
    expect(result.uris).toEqual([MAIL]);
    expect(names(result)).toEqual(['info reporting-address-unusable']);
  });

  it('tells where a map sends the report', () => {
    const result = run({ record: ['a.example APPEND directory:/r'] }, [MAIL]);
    expect(result.uris).toEqual([MAIL, 'directory:/r']);
    expect(names(result)).toEqual(['info reporting-address-unusable', 'debug destinations-mapped']);
    expect(result.logged[1]?.facts).toMatchObject({ before: [MAIL], after: [MAIL, 'directory:/r'] });
  });

  it('says nothing about the record when a map decides without it', () => {
    expect(names(run({ record: ['. REPLACE directory:/r'] }, [MAIL]))).toEqual(['debug destinations-mapped']);
    expect(names(run({ record: ['. APPEND directory:/r'] }, []))).toEqual(['debug destinations-mapped']);
  });

  it('still says that there is no reporting address when no map gives one', () => {
    expect(names(run({ record: ['. ACCEPT'] }, []))).toEqual(['info no-reporting-address']);
  });

  it.each([
    [{ record: ['a.example DISCARD'] }, [MAIL]],
    [{ record: ['a.example DISCARD'] }, []],
    [{ mail: ['a.example DISCARD'] }, [MAIL]],
  ] as const)('says in which entries a report was discarded: %j %j', (lines, recorded) => {
    const result = run(lines, recorded);
    expect(result.uris).toEqual([]);
    expect(names(result)).toContain('info report-discarded');
    expect(result.logged.at(-1)?.message).toMatch(/^No report on a\.example: .*test\.map:1\)\.$/);
  });

  it('warns of what a pattern made unusable, with the entry that did', () => {
    const { logged } = run({ mail: ['. REGEXP mailto: ftp:'] }, [MAIL]);
    expect(logged.map(({ message }) => message).join('\n')).toMatch(
      /does not go to ftp:tls@a\.example: its scheme is neither mailto nor https \(.*test\.map:1\)\./,
    );
  });
});

describe('planReports with maps', () => {
  const tally: PolicyTally = {
    policy: { type: 'no-policy-found', domain: 'a.example', strings: [], mxHosts: [] },
    successful: 1,
    failed: 0,
    failures: [],
  };

  function plans(records: readonly (string | undefined)[], lines: MapLines): ReturnType<typeof planReports> {
    const tallies = records.map((record) => ({ domain: 'a.example', record, policies: [tally] }));
    const missing = { kind: 'absent', why: 'it publishes none' } as const;
    const origin = { day: '2026-11-19' as UtcDay, identity: 'host' };
    const options = { ...origin, maps: mapsOf(lines), log: (): void => undefined };
    return planReports({ domain: 'a.example', tallies }, missing, options);
  }

  it('makes one report of records that the maps send to the same destinations', () => {
    const records = ['v=TLSRPTv1;rua=mailto:a@a.example', 'v=TLSRPTv1;rua=mailto:b@a.example', undefined];
    const [plan, ...others] = plans(records, { record: ['. REPLACE directory:/r'] });
    expect(others).toEqual([]);
    expect(plan).toMatchObject({ destinations: [{ uri: 'directory:/r' }], parts: [[tally, tally, tally]] });
  });

  it('gives a report the id that a record with these destinations would give it', () => {
    const mapped = plans(['v=TLSRPTv1;rua=mailto:a@a.example'], { mail: ['. REPLACE mailto:tls@b.example'] });
    const recorded = plans(['v=TLSRPTv1;rua=mailto:tls@b.example'], {});
    expect(mapped[0]?.uniqueId).toBe(recorded[0]?.uniqueId);
  });
});
