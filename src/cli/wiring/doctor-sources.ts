/**
 * What `doctor` finds out about the sources of fetch: each is asked for a day of which nobody has anything, so nothing is copied.
 *
 * Problems: configuration-error.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeSources } from '#pipeline/doctor/judge-sources.ts';
import type { TriedSource } from '#pipeline/doctor/judge-sources.ts';
import type { CopyResult, StateSource } from '#pipeline/fetch/state-source.ts';
import type { Store } from '#store/store.ts';
import { withinDeadline } from '#support/within-deadline.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
import { configuredSources } from '#cli/arguments/source-address.ts';
import { sourceOf } from './sources.ts';

/** Of which nobody has anything. */
const LONG_AGO = utcDayOf(0);
const DEADLINE_MS = 10_000;

export async function sourceFindings(invocation: Invocation, store: Store): Promise<Finding[]> {
  const { log, clock } = invocation;
  const sources = configuredSources(invocation).map((address) => sourceOf(address, invocation, { store, log, clock }));
  const directory = mkdtempSync(join(tmpdir(), 'tlsrpt-doctor-'));
  try {
    return judgeSources(
      await Promise.all(sources.map((source, index) => trySource(source, join(directory, String(index))))),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function trySource(source: StateSource, into: string): Promise<TriedSource> {
  const why = `no answer in ${String(DEADLINE_MS / 1_000)} seconds`;
  const result = await withinDeadline({ deadlineMs: DEADLINE_MS, why }, (signal) =>
    source.copyDay(LONG_AGO, into, { signal }),
  );
  return { name: source.name, outcome: outcomeOf(result ?? { kind: 'unreachable', why }) };
}

function outcomeOf(result: CopyResult): TriedSource['outcome'] {
  return result.kind === 'unreachable' || result.kind === 'refused' ? result : { kind: 'readable' };
}
