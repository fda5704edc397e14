import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDatagram } from '#tlsrpt/datagram.ts';
import { readForeignTally } from '#tlsrpt/foreign-tally.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import { recordedDatagrams } from '#test/support/datagrams.ts';

function tallyOf(bytes: Buffer): DomainTally | undefined {
  const reading = readDatagram(bytes);
  if (reading.kind !== 'session') return undefined;
  const { domain, record, outcomes } = reading.session;
  return {
    domain,
    record,
    policies: outcomes.map(({ policy, successful, failures }) => ({
      policy,
      successful: Number(successful),
      failed: Number(!successful),
      failures: failures.map((details) => ({ details, sessions: 1 })),
    })),
  };
}

const SOUND: DomainTally = {
  domain: 'a.example',
  record: undefined,
  policies: [
    {
      policy: { type: 'sts', domain: 'a.example', strings: ['mode: enforce'], mxHosts: ['*.a.example'] },
      successful: 3,
      failed: 0,
      failures: [],
    },
  ],
};
const anyText = fc.string({ unit: 'binary' });

describe('readForeignTally', () => {
  it('leaves what datagrams were read as, as it is', () => {
    const tallies = recordedDatagrams()
      .map(tallyOf)
      .filter((tally) => tally !== undefined);
    expect(tallies.length).toBeGreaterThan(20);
    for (const tally of tallies) expect(readForeignTally(tally)).toEqual(tally);
  });

  it('reads more failures than one datagram may hold', () => {
    const failures = Array.from({ length: 1_000 }, (_, index) => ({
      details: {
        resultType: 'certificate-expired' as const,
        sendingMtaIp: undefined,
        receivingMxHostname: `mx${String(index)}.a.example`,
        receivingMxHelo: undefined,
        receivingIp: undefined,
        additionalInformation: undefined,
        failureReasonCode: undefined,
      },
      sessions: index,
    }));
    const tally = { ...SOUND, policies: SOUND.policies.map((policy) => ({ ...policy, failures })) };
    expect(readForeignTally(tally)).toEqual(tally);
  });

  it.each(['', ' ', `${'a'.repeat(300)}.example`, 'a\u202e.example'])('makes nothing of the domain %j', (domain) => {
    expect(readForeignTally({ ...SOUND, domain })).toBeUndefined();
  });

  it('bounds whatever stands there, and reads it once more as the same', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.array(anyText), (domain, record, strings) => {
        const policies = SOUND.policies.map((tally) => ({ ...tally, policy: { ...tally.policy, strings, domain } }));
        const read = readForeignTally({ domain, record, policies });
        if (read) expect(readForeignTally(read)).toEqual(read);
      }),
    );
  });
});
