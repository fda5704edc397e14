import { describe, expect, it } from 'vitest';
import { submitterDomain } from '#tlsrpt/submitter.ts';

describe('submitterDomain', () => {
  it.each([
    ['tlsrpt@sender.example', 'sender.example'],
    ['tlsrpt@Sender.EXAMPLE', 'sender.example'],
    ['"a@b"@sender.example', 'sender.example'],
  ])('of %s is %s', (contactInfo, domain) => {
    expect(submitterDomain({ organizationName: 'Sender', contactInfo })).toBe(domain);
  });
});
