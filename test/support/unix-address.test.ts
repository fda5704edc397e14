import { describe, expect, it } from 'vitest';
import { nameOfUnixAddress, unixAddress } from '#support/unix-address.ts';

describe('The address of a unix socket', () => {
  it('is its family, its path and a zero byte', () => {
    const { bytes, length } = unixAddress('/run/a.sock');
    expect(bytes.subarray(0, length).toString('latin1')).toBe('\u0001\0/run/a.sock\0');
  });

  it('begins with a zero byte and has none at its end in the abstract namespace', () => {
    const { bytes, length } = unixAddress('@notify');
    expect(bytes.subarray(0, length).toString('latin1')).toBe('\u0001\0\0notify');
  });

  it('can hold 107 bytes and no more', () => {
    expect(unixAddress(`/${'x'.repeat(106)}`).length).toBe(110);
    expect(() => unixAddress(`/${'x'.repeat(107)}`)).toThrow(/too long/);
  });

  it.each(['/run/a.sock', '@notify'])('leads back to %s', (name) => {
    const { bytes, length } = unixAddress(name);
    expect(nameOfUnixAddress(bytes.subarray(0, length))).toBe(name);
  });

  it('has no name when it is the family alone', () => {
    expect(nameOfUnixAddress(Buffer.from([1, 0]))).toBeUndefined();
  });
});
