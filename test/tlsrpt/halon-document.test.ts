import { describe, expect, it } from 'vitest';
import { readSession } from '#tlsrpt/datagram.ts';
import { readHalonDocument } from '#tlsrpt/halon-document.ts';
import type { Session } from '#tlsrpt/session.ts';
import { halonDocument } from '#test/support/http-posting.ts';

const FAILED = {
  ...halonDocument({ domain: 'a.example', timestampMs: 1_763_683_200_000, transaction: 'b6' }),
  'result-type': 'certificate-expired',
  'failure-reason-code': 'X509_V_ERR_CERT_HAS_EXPIRED',
  'sending-mta-ip': '192.0.2.1',
};

function sessionOf(document: object): Session {
  const reading = readHalonDocument(document);
  if (reading.kind !== 'session') throw new Error(reading.kind);
  const session = readSession(reading.datagram);
  if (session.kind !== 'session') throw new Error(session.reason);
  return session.session;
}

describe("One of Halon's documents", () => {
  it('is a session with its policy, without the blank end of the policy and without a record', () => {
    const { domain, record, outcomes } = sessionOf(
      halonDocument({ domain: 'a.example', timestampMs: 0, transaction: 'b6' }),
    );
    expect([domain, record]).toEqual(['a.example', undefined]);
    expect(outcomes).toEqual([
      {
        policy: {
          type: 'sts',
          domain: '',
          strings: ['version: STSv1', 'mode: enforce', 'mx: *.a.example', 'max_age: 604800'],
          mxHosts: ['*.a.example'],
        },
        successful: true,
        failures: [],
      },
    ]);
  });

  it('has the details of its failure', () => {
    const [outcome] = sessionOf(FAILED).outcomes;
    expect(outcome?.successful).toBe(false);
    expect(outcome?.failures).toMatchObject([
      {
        resultType: 'certificate-expired',
        sendingMtaIp: '192.0.2.1',
        receivingMxHostname: 'mx.a.example',
        receivingIp: '198.51.100.7',
        failureReasonCode: 'X509_V_ERR_CERT_HAS_EXPIRED',
      },
    ]);
  });

  it('says when the session was', () => {
    expect(readHalonDocument(FAILED)).toMatchObject({ happenedMs: 1_763_683_200_000 });
    for (const timestamp of ['yesterday', null, 1e999])
      expect(readHalonDocument({ ...FAILED, timestamp })).toMatchObject({ happenedMs: undefined });
  });

  it.each(['tlsa', 'sts', 'no-policy-found'])('has the policy type %s', (type) => {
    expect(sessionOf({ ...FAILED, 'policy-type': type }).outcomes[0]?.policy.type).toBe(type);
  });

  it('is of a failure that is not known under the nearest name, with its own as the reason', () => {
    const document = { ...FAILED, 'result-type': 'quantum-trouble', 'failure-reason-code': undefined };
    expect(sessionOf(document).outcomes[0]?.failures).toMatchObject([
      { resultType: 'validation-failure', failureReasonCode: 'quantum-trouble' },
    ]);
  });

  it.each([[{ timestamp: 1, transactionid: 'b6' }], [{ ...FAILED, 'result-type': 'none' }]])(
    'counts for nothing where it says nothing of TLS',
    (document) => {
      expect(readHalonDocument(document)).toEqual({ kind: 'nothing' });
    },
  );

  it.each([[[]], ['text'], [7], [{ ...FAILED, 'result-type': 7 }], [{ ...FAILED, 'result-type': 'No Type' }]])(
    'is not %j',
    (document) => {
      expect(readHalonDocument(document)).toMatchObject({ kind: 'unreadable' });
    },
  );

  it('takes over nothing but texts', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown;
    const reading = readHalonDocument({
      ...FAILED,
      'policy-string': [deep, 'mode: none'],
      'mx-host': deep,
      'receiving-ip': deep,
    });
    expect(() => JSON.stringify(reading)).not.toThrow();
    expect(reading).toMatchObject({ datagram: { policies: [{ 'policy-string': ['mode: none'], 'mx-host': [] }] } });
  });
});
