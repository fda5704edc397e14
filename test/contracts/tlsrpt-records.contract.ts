/**
 * What every TlsrptRecords must do, run on each implementation.
 *
 * A test file calls `describeTlsrptRecords` with a function that makes one for a zone: by domain, its TXT records or that nobody knows.
 */
import { describe, expect, it } from 'vitest';
import type { TlsrptRecords } from '#pipeline/report/tlsrpt-records.ts';

export type ZoneOfRecords = Readonly<Record<string, readonly string[] | 'unknown'>>;

export interface RecordsSubject {
  readonly records: TlsrptRecords;
  readonly stop: () => Promise<void>;
}

const RECORD = 'v=TLSRPTv1;rua=mailto:tls@a.example';

export function describeTlsrptRecords(
  name: string,
  makeSubject: (zone: ZoneOfRecords) => Promise<RecordsSubject>,
): void {
  describe(`${name} as a source of TLSRPT records`, () => {
    async function answersTo(zone: ZoneOfRecords, ...domains: readonly string[]): Promise<unknown[]> {
      const { records, stop } = await makeSubject(zone);
      const answers = await Promise.all(domains.map((domain) => records.lookUp(domain)));
      await stop();
      return answers;
    }

    it('finds the record of a domain', async () => {
      expect(await answersTo({ 'a.example': [RECORD] }, 'a.example')).toEqual([
        { kind: 'answered', txtRecords: [[RECORD]] },
      ]);
    });

    it('passes on all records, whatever they are', async () => {
      const [answer] = await answersTo({ 'a.example': [RECORD, 'google-site-verification=1', RECORD] }, 'a.example');
      expect([...((answer as { txtRecords?: string[][] }).txtRecords ?? [])].sort()).toEqual([
        ['google-site-verification=1'],
        [RECORD],
        [RECORD],
      ]);
    });

    it('finds none for a name that is not there, and for one without such a record', async () => {
      const none = { kind: 'answered', txtRecords: [] };
      expect(await answersTo({ 'b.example': [] }, 'a.example', 'b.example')).toEqual([none, none]);
    });

    it('says that the servers failed, as often as it is asked', async () => {
      const failed = { kind: 'failed', why: expect.any(String) as string };
      expect(await answersTo({ 'a.example': 'unknown' }, 'a.example', 'a.example')).toEqual([failed, failed]);
    });

    it('answers a probe, whatever becomes of the domains', async () => {
      const { records, stop } = await makeSubject({ 'a.example': 'unknown' });
      const answer = await records.probe();
      await stop();
      expect(answer).toEqual({ kind: 'answered', txtRecords: [] });
    });

    it('answers many at once', async () => {
      const domains = Array.from({ length: 200 }, (_, index) => `d${String(index)}.example`);
      const zone = Object.fromEntries(domains.map((domain) => [domain, [`v=TLSRPTv1;rua=mailto:tls@${domain}`]]));
      const answers = await answersTo(zone, ...domains);
      expect(answers).toEqual(domains.map((domain) => ({ kind: 'answered', txtRecords: [zone[domain]] })));
    });
  });
}
