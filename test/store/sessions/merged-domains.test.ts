import { describe, expect, it } from 'vitest';
import { SessionTally, tallyLimits } from '#store/tally/session-tally.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { payloadOf } from '#test/support/day-files.ts';

const FAILURES = ['192.0.2.1', '192.0.2.2'].map((receivingIp) => [{ code: 201, receivingIp }]);

function countersOf(tally: SessionTally): [string, number][] {
  return [...tally.changes().counters].filter(([name]) => name !== 'datagrams');
}

describe('The domains of which a day merges details', () => {
  it('are named, the first of them, and counted', () => {
    const domains = Array.from({ length: 30 }, (_, index) => `d${String(index)}.example`);
    const tally = new SessionTally({ ...tallyLimits, failuresOfDomain: 1 });
    for (const name of ['details-merged', 'details-merged:old.example', 'details-merged:no name'])
      tally.restoreCounter(name);
    const datagrams = domains.flatMap((domain) => FAILURES.map((failures) => makeDatagram({ domain, failures })));
    tally.take(payloadOf(datagrams));
    expect(countersOf(tally).sort(([, a], [, b]) => b - a)).toEqual([
      ['details-merged', 30],
      ...domains.slice(0, 19).map((domain) => [`details-merged:${domain}`, 1]),
    ]);
  });

  it('are not those that lost nothing', () => {
    const tally = new SessionTally({ ...tallyLimits, detailedFailures: 0 });
    tally.take(
      payloadOf(['a', 'b'].map((name) => makeDatagram({ domain: `${name}.example`, failures: [{ code: 201 }] }))),
    );
    expect(countersOf(tally)).toEqual([]);
  });
});
