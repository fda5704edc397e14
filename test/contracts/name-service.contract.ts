/**
 * What every NameService must do, run on each implementation.
 *
 * A test file calls `describeNameService` with a function that makes one for a zone, behind name servers that validate or do not.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NameService } from '#pipeline/check/name-service.ts';
import type { NameEntry } from '#test/support/validating-resolver.ts';

export interface NamesSubject {
  readonly names: NameService;
  readonly stop: () => Promise<void>;
}

type MakeSubject = (zone: Readonly<Record<string, NameEntry>>, validates: boolean) => Promise<NamesSubject>;

const TLSA = { usage: 3, selector: 1, matchingType: 1, data: 'ab'.repeat(32) };

export function describeNameService(name: string, makeSubject: MakeSubject): void {
  describe(`${name} as a name service`, () => {
    async function namesOf(zone: Readonly<Record<string, NameEntry>>, validates = true): Promise<NameService> {
      const { names, stop } = await makeSubject(zone, validates);
      onTestFinished(stop);
      return names;
    }

    it('gives records with whether DNSSEC confirms them', async () => {
      const names = await namesOf({
        'a.example': { mx: ['mx.a.example'], txt: [['v=STSv1; ', 'id=1'], 'x'] },
        'mx.a.example': { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] },
        '_25._tcp.mx.a.example': { tlsa: [TLSA], isSigned: false },
      });
      const facts = { kind: 'answered', isAuthenticated: true, isAlias: false };
      expect(await names.texts('a.example')).toEqual({ ...facts, records: [['v=STSv1; ', 'id=1'], ['x']] });
      expect(await names.mailHosts('a.example')).toMatchObject({ ...facts, records: [{ host: 'mx.a.example' }] });
      expect(await names.addresses('mx.a.example')).toEqual({ ...facts, records: ['192.0.2.1', '2001:db8::1'] });
      const unsigned = { ...facts, records: [TLSA], isAuthenticated: false };
      expect(await names.tlsaRecords('_25._tcp.mx.a.example')).toEqual(unsigned);
    });

    it.each([true, false])('knows whether the name server validates: %j', async (validates) => {
      const names = await namesOf({ 'a.example': { txt: ['x'] } }, validates);
      expect(await names.validates()).toBe(validates);
      expect(await names.texts('a.example')).toMatchObject({ isAuthenticated: validates });
    });

    it('takes a name that does not exist for one without records', async () => {
      expect(await (await namesOf({})).texts('a.example')).toMatchObject({ kind: 'answered', records: [] });
    });

    it('follows an alias, and says so', async () => {
      const names = await namesOf({ 'mx.a.example': { alias: 'mx.b.example' }, 'mx.b.example': { a: ['192.0.2.1'] } });
      expect(await names.addresses('mx.a.example')).toMatchObject({ records: ['192.0.2.1'], isAlias: true });
    });

    it('tells what DNSSEC refutes from what fails', async () => {
      const names = await namesOf({
        'bogus.example': { txt: ['x'], fault: 'bogus' },
        'failing.example': { fault: 'server-failure' },
      });
      expect(await names.texts('bogus.example')).toEqual({ kind: 'bogus' });
      expect(await names.texts('failing.example')).toMatchObject({ kind: 'unanswered' });
    });
  });
}
