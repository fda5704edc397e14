import { describe, expect, it } from 'vitest';
import { formatProbe, readProbe } from '#tlsrpt/probe.ts';

const NONCE = '0123456789abcdef';

describe('A test datagram', () => {
  it('is read as it was written', () => {
    expect(formatProbe(NONCE).toString()).toBe(`{"tlsrpt-probe":"${NONCE}"}`);
    expect(readProbe(formatProbe(NONCE))).toBe(NONCE);
  });

  it.each([
    ['an upper-case digit', `{"tlsrpt-probe":"${NONCE.toUpperCase()}"}`],
    ['another letter', `{"tlsrpt-probe":"${NONCE.replace('a', 'g')}"}`],
    ['a line end', `{"tlsrpt-probe":"${NONCE.slice(1)}\n"}`],
    ['a digit too few', `{"tlsrpt-probe":"${NONCE.slice(1)}"}`],
    ['a digit too many', `{"tlsrpt-probe":"${NONCE}0"}`],
    ['another name', `{"tlsrpt-prove":"${NONCE}"}`],
    ['another end', `{"tlsrpt-probe":"${NONCE}']`],
    ['a blank', `{"tlsrpt-probe": "${NONCE}"}`],
    ['nothing in it', ''],
  ])('has one form: with %s it is like any other datagram', (_, text) => {
    expect(readProbe(Buffer.from(text))).toBeUndefined();
  });
});
