import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BounceTokens } from '#pipeline/send/bounce-tokens.ts';
import { BOUNCE_TOKEN_LENGTH } from '#tlsrpt/bounce-address.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const DELIVERY = { reportId: 'id-1@sender.example', destination: 'mailto:tls@good.example' };
const tokens = new BounceTokens(Buffer.alloc(32, 7));

describe('The token of a delivery', () => {
  it('says where the delivery is and of what it is, and is the same each time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (number) => {
        const token = tokens.of({ day: DAY, number }, DELIVERY);
        expect(token).toMatch(/^[a-z2-7]+$/);
        expect(token).toHaveLength(BOUNCE_TOKEN_LENGTH);
        expect(tokens.of({ day: DAY, number }, DELIVERY)).toBe(token);
        expect(tokens.read(token.toUpperCase())).toMatchObject({ day: DAY, number });
        expect(tokens.read(token)?.isOf(DELIVERY)).toBe(true);
      }),
    );
  });

  it('is of no other delivery that has come to its place since', () => {
    const read = tokens.read(tokens.of({ day: DAY, number: 1 }, DELIVERY));
    expect(read?.isOf({ ...DELIVERY, reportId: 'id-2@sender.example' })).toBe(false);
    expect(read?.isOf({ ...DELIVERY, destination: 'mailto:tls@bad.example' })).toBe(false);
  });

  it('is made by nobody who has not the key, nor changed into that of another', () => {
    const token = tokens.of({ day: DAY, number: 1 }, DELIVERY);
    const [first = ''] = token;
    const changed = (first === 'a' ? 'b' : 'a') + token.slice(1);
    const made = new BounceTokens(Buffer.alloc(32, 8)).of({ day: DAY, number: 1 }, DELIVERY);
    for (const forged of [changed, made]) expect(tokens.read(forged)?.isOf(DELIVERY)).toBe(false);
  });

  it.each(['', 'abc', 'a'.repeat(27), '1'.repeat(26), 'b'.repeat(26)])('is not %j', (text) => {
    expect(tokens.read(text)).toBeUndefined();
  });
});
