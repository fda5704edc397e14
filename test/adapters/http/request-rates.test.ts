import { beforeEach, describe, expect, it } from 'vitest';
import { RequestRates } from '#adapters/http/request-rates.ts';

let nowMs: number;

beforeEach(() => {
  nowMs = 0;
});

function ratesOf(mostPerMinute: number): RequestRates {
  return new RequestRates(mostPerMinute, () => nowMs);
}

describe('Requests of one address', () => {
  it('may come at once, as many as there may be in a minute, and then as fast as a minute passes', () => {
    const rates = ratesOf(60);
    const waits = Array.from({ length: 61 }, () => rates.take('192.0.2.1'));
    expect([waits.slice(0, 60).every((wait) => wait === 0), waits[60]]).toEqual([true, 1]);
    nowMs += 2_000;
    expect([rates.take('192.0.2.1'), rates.take('192.0.2.1'), rates.take('192.0.2.1')]).toEqual([0, 0, 1]);
    nowMs += 3_600_000;
    expect(Array.from({ length: 61 }, () => rates.take('192.0.2.1')).filter((wait) => wait === 0)).toHaveLength(60);
  });

  it('are told how long to wait', () => {
    const rates = ratesOf(2);
    expect([rates.take('192.0.2.1'), rates.take('192.0.2.1')]).toEqual([0, 0]);
    expect(rates.take('192.0.2.1')).toBe(30);
    nowMs += 10_000;
    expect(rates.take('192.0.2.1')).toBe(20);
  });

  it('cost no other address anything', () => {
    const rates = ratesOf(1);
    expect([rates.take('192.0.2.1'), rates.take('192.0.2.2'), rates.take('192.0.2.1')]).toEqual([0, 0, 60]);
  });

  it.each([
    ['2001:db8::1', '2001:db8:0:0:ffff::', 60],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::', 60],
    ['::1', '::2', 60],
    ['2001:db8::1', '2001:db8:0:1::1', 0],
    ['2001:db8:1:2::', '2001:db8:1:3::', 0],
  ])('are those of its network with IPv6: %s, %s', (one, another, wait) => {
    const rates = ratesOf(1);
    expect([rates.take(one), rates.take(another)]).toEqual([0, wait]);
  });

  it('are not counted where there is no limit', () => {
    const rates = ratesOf(0);
    expect(Array.from({ length: 1_000 }, () => rates.take('192.0.2.1')).every((wait) => wait === 0)).toBe(true);
  });

  it('are forgotten when very many other addresses come', () => {
    const rates = ratesOf(1);
    rates.take('192.0.2.1');
    for (let number = 0; number < 100_000; number += 1) rates.take(`address ${String(number)}`);
    expect(rates.take('192.0.2.1')).toBe(0);
  });
});
