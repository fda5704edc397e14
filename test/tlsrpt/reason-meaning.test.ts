import { describe, expect, it } from 'vitest';
import { meaningOfReason } from '#tlsrpt/reason-meaning.ts';

describe('the meaning of a reason', () => {
  it.each([
    'MX_HOSTS_MISMATCH',
    'mtasts-policy-mx-mismatch',
    'dane-no-match',
    'self-signed_certificate',
    'bad https response code: 404',
  ])('is told in whole sentences: %s', (reason) => {
    expect(meaningOfReason(reason)).toMatch(/^[A-Z][^\n]+\.$/);
  });

  it('is not made up', () => {
    expect(meaningOfReason('something else')).toBeUndefined();
  });
});
