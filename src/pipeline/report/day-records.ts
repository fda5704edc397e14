/**
 * Under which TLSRPT record each session of a day counts.
 *
 * An MTA passes on the record it saw at the time, and that counts. Sessions that came without one count under the record which was
 * passed on with most of the domain's other sessions, and only where there is none under the one that was looked up. So a domain of
 * which one host knows the record needs no look-up, and the same sessions always lead to the same reports.
 */
import type { DomainTally } from '#tlsrpt/tally.ts';
import { readTlsrptRecord } from '#tlsrpt/tlsrpt-record.ts';
import type { DomainSessions } from './day-sessions.ts';
import type { RecordAnswer, RecordAnswers } from './look-up-records.ts';

const NOT_LOOKED_UP: RecordAnswer = { kind: 'unknown', why: 'it was not looked up' };

export class DayRecords {
  readonly #lookedUp: Pick<RecordAnswers, 'get'>;
  /** Of those domains some of whose sessions came without a record, and others with one. */
  readonly #passedOn: RecordAnswers;

  constructor(lookedUp: Pick<RecordAnswers, 'get'>, passedOn: RecordAnswers = new Map<string, RecordAnswer>()) {
    this.#lookedUp = lookedUp;
    this.#passedOn = passedOn;
  }

  /** The record for sessions with the domain that came without one. To be called before `of` is asked about that domain. */
  settle({ domain, tallies }: DomainSessions): RecordAnswer {
    const passedOn = mostSeenRecord(tallies);
    if (passedOn === undefined) return this.ofHost(domain);
    const answer: RecordAnswer = { kind: 'record', record: passedOn };
    if (tallies.some(({ record }) => record === undefined)) this.#passedOn.set(domain, answer);
    return answer;
  }

  /** The record that sessions with a domain count under, which were seen with `record` or without one. */
  of(domain: string, record: string | undefined): RecordAnswer {
    return record === undefined ? (this.#passedOn.get(domain) ?? this.ofHost(domain)) : { kind: 'record', record };
  }

  /** The record of a domain that no mail was sent to. */
  ofHost(host: string): RecordAnswer {
    return this.#lookedUp.get(host) ?? NOT_LOOKED_UP;
  }
}

/** One that can be read goes before one that cannot; of two that were seen equally often, the first in alphabetical order. */
function mostSeenRecord(tallies: readonly DomainTally[]): string | undefined {
  const sessions = new Map<string, number>();
  for (const { record, policies } of tallies) {
    if (record === undefined) continue;
    const seen = policies.reduce((total, { successful, failed }) => total + successful + failed, 0);
    sessions.set(record, (sessions.get(record) ?? 0) + seen);
  }
  if (sessions.size <= 1) return [...sessions.keys()][0];
  const [best] = [...sessions]
    .map(([record, seen]) => ({ record, seen, isReadable: readTlsrptRecord(record).kind === 'record' }))
    .sort((a, b) => Number(b.isReadable) - Number(a.isReadable) || b.seen - a.seen || (a.record < b.record ? -1 : 1));
  return best?.record;
}
