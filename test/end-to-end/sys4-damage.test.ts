/**
 * What is odd in the data of sys4's programs, each kind of it in one directory, fetched by the executable.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDatagram } from '#test/support/datagrams.ts';
import { EXECUTABLE, runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sys4Collect, sys4Database, sys4Domain, sys4List } from '#test/support/sys4.ts';
import type { Sys4Tally } from '#test/support/sys4.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-01-02' as UtcDay;
const LATER = '2026-01-03';
const RECORD = 'v=TLSRPTv1;rua=mailto:tls@example.com';
const LONG = 'x'.repeat(256);

function addPolicy(tally: Sys4Tally, domain: string, counts: readonly [number, number], failures = {}): void {
  const count = { cntrtotal: counts[0], cntrfailure: counts[1], failures };
  tally.set(domain, new Map([[RECORD, new Map([['{"policy-type": 9}', count]])]]));
}

function damagedTally(): Sys4Tally {
  const tally = sys4Collect(['good.example', LONG].map((domain) => makeDatagram({ domain })));
  for (const domain of ['', '.', 'bell\u0007.example']) addPolicy(tally, domain, [1, 0]);
  addPolicy(tally, 'counts.example', [1, 2]);
  addPolicy(tally, 'failure.example', [2, 1], { '[5]': 1 });
  return tally;
}

/** A fetcher that prints what is given, and fails about what is not. */
function writeFetcher(
  directory: string,
  name: string,
  list: string,
  domains: Readonly<Record<string, string>>,
): string {
  const path = join(directory, name);
  const cases = Object.entries(domains).map(([domain, text]) => `${domain}) cat <<'END'\n${text}END\n;;`);
  const script = `case "$2" in\n'') cat <<'END'\n${list}END\n;;\n${cases.join('\n')}\n*) echo no such row >&2; exit 1;;\nesac\n`;
  writeFileSync(path, `#!/bin/sh\n${script}`);
  chmodSync(path, 0o755);
  return path;
}

async function damagedSources(directory: string): Promise<string[]> {
  const database = join(directory, 'collectd.sqlite.yesterday');
  writeFileSync(database, await sys4Database(damagedTally(), { day: DAY }));
  const two = sys4Collect(['fine.example', 'silent.example'].map((domain) => makeDatagram({ domain })));
  const fine = { 'fine.example': sys4Domain(two, 'fine.example') };
  return [
    database,
    writeFetcher(directory, 'silent-about-one', sys4List(two, DAY), fine),
    writeFetcher(directory, 'a-day-later', sys4List(new Map(), LATER), {}),
    `${process.execPath} ${EXECUTABLE} fetch --serve --state-dir ${join(directory, 'mistyped')}`,
  ];
}

describe('tlsrpt fetch from what is damaged in every way', () => {
  it('counts all that is good, and names each thing that is not', { timeout: 120_000 }, async () => {
    const directory = scratchDirectory();
    const state = ['--state-dir', join(directory, 'state')];
    const sources = await damagedSources(directory);
    const { exitCode, stderr } = await runTlsrpt(['fetch', '--day', DAY, ...sources, ...state]);
    expect(exitCode).toBe(69);
    const named = [
      'sessions of "", which is no domain name',
      'sessions of ".", which is no domain name',
      `sessions of "${LONG.slice(0, 80)}...", which is no domain name`,
      String.raw`sessions of "bell\u0007.example", which is no domain name`,
      'a policy of "counts.example" with 2 failed of 1 sessions',
      'failures of "failure.example" that are no JSON objects with a count (1)',
      '"silent.example", about which there is no answer (it ended with 1: no such row)',
      `its latest complete day is ${LATER} by now, and ${DAY} is gone`,
      `There is no state directory ${join(directory, 'mistyped')}`,
    ];
    for (const what of named) expect(stderr).toContain(what);
    const words = ['report', '--day', DAY, '--contact', 'tls@reporter.example', '--without-missing', '--json'];
    const report = await runTlsrpt([...words, ...state]);
    for (const domain of ['good.example', 'failure.example', 'fine.example']) expect(report.stdout).toContain(domain);
    for (const domain of ['counts.example', 'silent.example']) expect(report.stdout).not.toContain(domain);
  });
});
