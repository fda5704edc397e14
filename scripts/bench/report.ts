/**
 * How long `report` takes for a day with many domains, against formatting and compressing the same documents in a bare loop in the same run.
 *
 * Everything runs as it would in use: the built executable, on day files of one host or of several that saw the same domains.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { BareFormatterOptions, BareFormatterResult } from './bare-formatter.ts';
import type { DayGeneratorOptions } from './day-generator.ts';
import { inFolder, line, machine, print, runScript, thousands } from './measuring.ts';

const DAY = parseUtcDay('2026-01-02') as UtcDay;
const DOMAINS = 100_000;
const LOOK_EVERY_MS = 20;

interface Scenario {
  readonly name: string;
  readonly hosts: number;
}

const scenarios: readonly Scenario[] = [
  { name: '100,000 domains, 1 host', hosts: 1 },
  { name: '100,000 domains, 3 hosts', hosts: 3 },
];

export async function benchReport(filter: string): Promise<void> {
  print(`${machine()}\n`);
  print(line(['scenario', 'seconds', 'reports/s', 'of the bare loop', 'a second run', 'peak memory']));
  print(line(['---', '---:', '---:', '---:', '---:', '---:']));
  for (const scenario of scenarios.filter(({ name }) => name.includes(filter))) print(line(await measure(scenario)));
}

function measure({ name, hosts }: Scenario): Promise<string[]> {
  return inFolder(async (folder) => {
    const stateDir = join(folder, 'state');
    const wanted: DayGeneratorOptions = { stateDir, day: DAY, domains: DOMAINS, hosts };
    await runScript<unknown>(folder, 'day-generator', wanted);
    const first = await runReport(stateDir);
    const again = await runReport(stateDir);
    const stored: BareFormatterOptions = { stateDir, day: DAY };
    const bare = await runScript<BareFormatterResult>(folder, 'bare-formatter', stored);
    const rate = bare.reports / first.seconds;
    return [
      name,
      first.seconds.toFixed(1),
      thousands(rate),
      (rate / (bare.reports / bare.seconds)).toFixed(2),
      `${again.seconds.toFixed(1)} s`,
      `${String(first.peakMegabytes)} MB`,
    ];
  });
}

async function runReport(stateDir: string): Promise<{ seconds: number; peakMegabytes: number }> {
  const startedMs = performance.now();
  const words = ['report', '--day', DAY, '--contact', 'tlsrpt@sender.example', '--state-dir', stateDir];
  const child = spawn('dist/tlsrpt', words, { stdio: ['ignore', 'inherit', 'inherit'] });
  let peakMegabytes = 0;
  const looking = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakMegabytesOf(child.pid));
  }, LOOK_EVERY_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(looking);
  if (code !== 0) throw new Error(`report ended with ${String(code)}`);
  return { seconds: (performance.now() - startedMs) / 1_000, peakMegabytes };
}

/** Zero once it has ended. */
function peakMegabytesOf(pid: number | undefined): number {
  try {
    const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes) / 1024);
  } catch {
    return 0;
  }
}
