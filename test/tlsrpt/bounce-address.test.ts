import { describe, expect, it } from 'vitest';
import { BOUNCE_TOKEN_LENGTH, bounceAddress, bounceTokensIn } from '#tlsrpt/bounce-address.ts';

const TOKEN = 'abcdefghijklmnopqrstuvwx27';

describe('The address of a bounce', () => {
  it('has the token in place of the asterisk, as it is', () => {
    expect(bounceAddress('b+*@mx.example', TOKEN)).toBe(`b+${TOKEN}@mx.example`);
    expect(bounceAddress('b+*@mx.example', '$&')).toBe('b+$&@mx.example');
  });

  it.each([
    ['as it was written', `b+${TOKEN}@mx.example`],
    ['in capital letters', `B+${TOKEN.toUpperCase()}@MX.EXAMPLE`],
    ['with text right before and behind it', `bounce${TOKEN}x@mx.example`],
    ['with a signature in front (BATV)', `prvs=1234abcd=b+${TOKEN}@mx.example`],
    ['as who forwarded the mail writes it (SRS)', `SRS0=xy12=AB=mx.example=b+${TOKEN}@forwarder.example`],
    ['among others', `"Somebody" <x@y.example>, <b+${TOKEN}@mx.example>`],
  ])('is found %s', (_, text) => {
    expect(bounceTokensIn(text)).toContain(TOKEN);
  });

  it('is in no text without an address, and in none that is too short', () => {
    expect(bounceTokensIn(`${TOKEN} ${TOKEN}=`)).toEqual([]);
    expect(bounceTokensIn(`${TOKEN.slice(1)}@mx.example`)).toEqual([]);
    expect(TOKEN).toHaveLength(BOUNCE_TOKEN_LENGTH);
  });

  it('is looked for among no more than some, whatever a stranger writes', () => {
    const addresses = Array.from(
      { length: 100 },
      (_, index) =>
        `${'a'.repeat(24 - (index % 10))}${'b'.repeat((index % 10) + 2)}${'c'.repeat(Math.floor(index / 10))}@mx.example`,
    );
    expect(bounceTokensIn('a'.repeat(200_000))).toEqual([]);
    expect(bounceTokensIn(addresses.join(' '))).toHaveLength(50);
  });
});
