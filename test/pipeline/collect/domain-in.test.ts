import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainIn } from '#pipeline/collect/domain-in.ts';

function domainOf(text: string): string {
  return domainIn(Buffer.from(text, 'latin1')).toString('latin1');
}

describe('The domain in a datagram', () => {
  it.each([
    ['{"dpv":"1","d":"example.com","pr":"v=TLSRPTv1"}', 'example.com'], // as libtlsrpt 0.5.1 writes it
    ['{"d": "example.com","pr": "v=TLSRPTv1"}', 'example.com'],
    ['{\n  "dpv" : "1",\n  "d" : "example.com"\n}', 'example.com'],
    ['{"pr":"say \\"d\\":\\"other.example\\"","d":"example.com"}', 'example.com'], // quoted in a string
    ['{"d":"caf\xc3\xa9.example"}', 'caf\xc3\xa9.example'],
    ['{"d":"","pr":""}', ''],
    ['{"dpv":"d","policies":[]}', ''],
    ['{"d":"example.c', ''],
    [`{"pr":"${'x'.repeat(600)}","d":"example.com"}`, ''], // too far behind
    ['', ''],
  ])('is found: %j', (text, domain) => {
    expect(domainOf(text)).toBe(domain);
  });

  it('is looked for in whatever bytes come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.boolean(), (bytes, isMember) => {
        const all = Buffer.concat([Buffer.from(isMember ? '"d":"' : ''), bytes]);
        expect(domainIn(all).length).toBeLessThanOrEqual(512);
      }),
    );
  });
});
