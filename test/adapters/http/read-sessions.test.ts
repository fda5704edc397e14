import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_ITEMS } from '#adapters/http/posted-item.ts';
import { readSessions } from '#adapters/http/read-sessions.ts';
import type { SessionsForm } from '#adapters/http/read-sessions.ts';

const DATAGRAM = '{"d":"a.example","policies":[{"policy-type":9,"f":0}]}';

function outcomes(body: string, form: Partial<SessionsForm> = {}): unknown {
  const items = readSessions(Buffer.from(body), { areLines: false, idempotencyKey: undefined, ...form });
  return items?.map(({ at, item }) => [at, item.kind]);
}

function receipts(idempotencyKey: string | undefined): (string | undefined)[] | undefined {
  const items = readSessions(Buffer.from(`${DATAGRAM}\n${DATAGRAM}`), { areLines: true, idempotencyKey });
  return items?.map(({ item }) => (item.kind === 'session' ? item.session.receipt?.toString('hex') : ''));
}

describe('Sessions in a body', () => {
  it('are one datagram, a list of them, or one a line', () => {
    expect(outcomes(` ${DATAGRAM}\n`)).toEqual([[1, 'session']]);
    expect(outcomes(` [\n${DATAGRAM}, ${DATAGRAM} ] `)).toEqual([
      [1, 'session'],
      [2, 'session'],
    ]);
    expect(outcomes(`${DATAGRAM}\r\n\n${DATAGRAM}`, { areLines: true })).toEqual([
      [1, 'session'],
      [3, 'session'],
    ]);
    expect(outcomes('[]')).toEqual([]);
  });

  it('cost themselves alone when they cannot be read', () => {
    expect(outcomes(`[{"d":""},7,${DATAGRAM},"]"]`)).toEqual([
      [1, 'unreadable'],
      [2, 'unreadable'],
      [3, 'session'],
      [4, 'unreadable'],
    ]);
    expect(outcomes(`nope\n${DATAGRAM}`, { areLines: true })).toEqual([
      [1, 'unreadable'],
      [2, 'session'],
    ]);
  });

  it.each([`[${DATAGRAM}`, `[${DATAGRAM}]]`, `[${DATAGRAM},]`, `[${DATAGRAM} ${DATAGRAM}]`, '', '['])(
    'are none where they are not a whole list: %s',
    (body) => {
      expect(outcomes(body)).toEqual([[1, 'unreadable']]);
    },
  );

  it('are not too many', () => {
    expect(outcomes(`[${'1,'.repeat(MOST_ITEMS)}1]`)).toBeUndefined();
    expect(outcomes('1\n'.repeat(MOST_ITEMS + 1), { areLines: true })).toBeUndefined();
  });

  it('count each time, unless they come under a key: then each is known by its place and content', () => {
    expect(receipts(undefined)).toEqual([undefined, undefined]);
    const first = receipts('key');
    expect(new Set([...(first ?? []), ...(receipts('key') ?? []), ...(receipts('other') ?? [])]).size).toBe(4);
    expect(receipts('key')).toEqual(first);
  });

  it('are read whatever there is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.boolean(), (body, areLines) => {
        expect(outcomes(body, { areLines })).toBeDefined();
      }),
    );
  });
});
