import { expect, it } from 'vitest';
import { judgeOwnDomain } from '#pipeline/doctor/judge-own-domain.ts';

it('A domain in which senders find nothing wrong is fine', () => {
  expect(judgeOwnDomain('sender.example', [])).toMatchObject([{ grade: 'ok', check: 'own-domain' }]);
});

it('What is wrong with our own domain is counted, and check shows all of it', () => {
  expect(judgeOwnDomain('sender.example', ['tlsrpt-record: it has no rua field', 'x'])).toEqual([
    {
      grade: 'warning',
      check: 'own-domain',
      what: 'Senders find that something is wrong with sender.example: tlsrpt-record: it has no rua field, and 1 more.',
      fix: 'tlsrpt check sender.example',
    },
  ]);
});
