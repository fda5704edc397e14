import { describe, expect, it } from 'vitest';
import { isLocalDomain } from '#tlsrpt/local-domain.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import { readTlsrptRecord } from '#tlsrpt/tlsrpt-record.ts';

const local = [
  'localhost',
  'mail.localhost',
  'localhost.localdomain',
  'mx1', // a relay makes it mx1.its.own.domain
  '127.0.0.1',
  '127.1',
  '192.0.2.1', // no domain name, whoever's it is
  'printer.local',
  'db.internal',
  'mail.corp',
  'box.home.arpa',
];

describe('isLocalDomain', () => {
  it.each(local)('is true for %s', (domain) => {
    expect(isLocalDomain(domain)).toBe(true);
  });

  it.each(['good.example', 'localhost.example', 'local.good.example', 'notlocal.example', 'home.example'])(
    'is false for %s',
    (domain) => {
      expect(isLocalDomain(domain)).toBe(false);
    },
  );

  it.each(local)('keeps the record of a stranger from sending mail to a mailbox at %s', (domain) => {
    expect(readTlsrptRecord(`v=TLSRPTv1;rua=mailto:root@${domain}`)).toMatchObject({ kind: 'invalid' });
  });

  it('keeps no administrator from it', () => {
    expect(readDestination('mailto:root@localhost')).toMatchObject({ kind: 'address' });
  });
});
