/**
 * A process of its own that writes the files of one day with many domains, or of several, as several hosts saw them.
 *
 * Its one argument is a JSON {@link DayGeneratorOptions}. The first host is this one, the others were fetched from.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Store } from '#store/store.ts';
import { readDatagram } from '#tlsrpt/datagram.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { datagramOf } from './datagram-corpus.ts';

export interface DayGeneratorOptions {
  readonly stateDir: string;
  readonly day: UtcDay;
  /** So many, up to that one; otherwise it alone. */
  readonly days?: number;
  readonly domains: number;
  readonly hosts: number;
}

/** One in five domains has a failure. */
const FAILURES = 0.2;
const SUCCESSES = 10;

const options = JSON.parse(process.argv[2] ?? '') as DayGeneratorOptions;
void Store.open(options.stateDir).then((store) => {
  for (let before = 0; before < (options.days ?? 1); before += 1)
    for (let host = 0; host < options.hosts; host += 1)
      writeDay(store, host, { ...options, day: daysBefore(options.day, before) });
  process.stdout.write('{}\n');
});

function writeDay({ path, fetched }: Store, host: number, { day, domains }: DayGeneratorOptions): void {
  const origin = `mx${String(host)}`;
  const folder = host === 0 ? join(path, 'sessions') : join(path, 'fetched', origin);
  mkdirSync(folder, { recursive: true });
  const tallied = fetched.beginTallied(join(folder, day), { day, origin });
  for (let index = 0; index < domains; index += 1) tallied.add(tallyOf(index, domains));
  tallied.finish();
}

function tallyOf(index: number, domains: number): DomainTally {
  const reading = readDatagram(datagramOf(index, { domains, failures: FAILURES }));
  const outcome = reading.kind === 'session' ? reading.session.outcomes[0] : undefined;
  if (reading.kind !== 'session' || !outcome) throw new Error(`datagram ${String(index)} of the corpus is none`);
  const { domain, record } = reading.session;
  const failures = outcome.failures.map((details) => ({ details, sessions: 1 }));
  return {
    domain,
    record,
    policies: [{ policy: outcome.policy, successful: SUCCESSES, failed: failures.length, failures }],
  };
}
