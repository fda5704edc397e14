import { expect, it } from 'vitest';
import { judgeOwnDomain } from '#pipeline/doctor/judge-own-domain.ts';

it('A domain in which senders find nothing wrong is fine', () => {
  expect(judgeOwnDomain('sender.example', { wrongs: [], isAllKnown: true })).toEqual([
    { grade: 'ok', check: 'own-domain', what: 'Nothing is wrong with what senders see of sender.example.' },
  ]);
});

it('What is wrong with our own domain is counted, and check shows all of it', () => {
  const wrongs = ['tlsrpt-record: it has no rua field', 'x'];
  expect(judgeOwnDomain('sender.example', { wrongs, isAllKnown: false })).toEqual([
    {
      grade: 'warning',
      check: 'own-domain',
      what: 'Senders find that something is wrong with sender.example: tlsrpt-record: it has no rua field, and 1 more.',
      fix: 'tlsrpt check sender.example',
    },
  ]);
});

it('What cannot be found out about our own domain is not called right', () => {
  expect(judgeOwnDomain('sender.example', { wrongs: [], isAllKnown: false })).toEqual([
    {
      grade: 'ok',
      check: 'own-domain',
      what: 'Nothing wrong is known of sender.example, but not all that senders see of it can be seen from here: tlsrpt check sender.example.',
    },
  ]);
});
