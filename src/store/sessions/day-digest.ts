/**
 * What a day's sessions are, in a few bytes: two files with the same sessions have the same digest, however they came to be.
 */
import { createHash } from 'node:crypto';
import { servedTally } from '#tlsrpt/served-tally.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import type { SessionDayReader } from './session-day.ts';

export class DayDigest {
  readonly #hash = createHash('sha256');

  /** Of one domain and record after the other, in their order. */
  add({ domain, record, policies }: DomainTally): void {
    this.#hash.update(`${JSON.stringify([domain, record, mergePolicyTallies(policies)])}\n`);
  }

  end(): string {
    return this.#hash.digest('base64');
  }
}

export function digestOfDay(tallies: Iterable<DomainTally>): string {
  const digest = new DayDigest();
  for (const tally of tallies) digest.add(tally);
  return digest.end();
}

/** Closes it. Undefined without one. */
export function digestOfReader(reader: SessionDayReader | undefined): string | undefined {
  if (!reader) return undefined;
  try {
    return digestOfDay(reader.domainTallies());
  } finally {
    reader.close();
  }
}

/** The same of what `fetch --serve` gives of it; undefined also where that is nothing. */
export function servedDigestOfReader(reader: SessionDayReader | undefined): string | undefined {
  if (!reader) return undefined;
  try {
    const digest = new DayDigest();
    let isServed = false;
    for (const tally of reader.domainTallies()) {
      const served = servedTally(tally);
      if (served) digest.add(served);
      isServed ||= served !== undefined;
    }
    return isServed ? digest.end() : undefined;
  } finally {
    reader.close();
  }
}
