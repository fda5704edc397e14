import { describe, expect, it } from 'vitest';
import { judgeDkim } from '#pipeline/doctor/judge-dkim.ts';
import type { SigningKey } from '#pipeline/doctor/judge-dkim.ts';

const NAME = 's1._domainkey.sender.example';
const [OURS, OURS_OF_OLD, OTHER] = ['b3Vycw==', 'b2xk', 'b3RoZXI='];
const key = (answer: SigningKey['answer']): SigningKey => ({
  name: NAME,
  keyType: 'rsa',
  publicKeys: [OURS, OURS_OF_OLD],
  answer,
});
const published = (...records: readonly (readonly string[])[]): SigningKey => key({ kind: 'answered', records });
const PUBLISH = new RegExp(`^publish at ${NAME} the TXT record "v=DKIM1; k=rsa; p=${OURS}"$`);

describe('judgeDkim', () => {
  it.each([
    [[`v=DKIM1; k=rsa; p=${OURS}`]],
    [['p=', OURS]],
    [[`k=rsa; p=${OURS_OF_OLD}`]],
    [[`v=DKIM1; s=email:tlsrpt; h=sha1:sha256; p=${OURS}`]],
  ])('is content with %j', (strings) => {
    expect(judgeDkim([published(strings)], 'sender.example')).toMatchObject([{ grade: 'ok', check: 'dkim' }]);
  });

  it('says who must sign where nothing does', () => {
    expect(judgeDkim([], 'sender.example')).toEqual([
      { grade: 'ok', check: 'dkim', what: expect.stringMatching(/must sign them as sender\.example/) as string },
    ]);
  });

  it.each<readonly [string, SigningKey, 'broken' | 'warning', readonly [what: RegExp, fix: RegExp]]>([
    ['a key that is not published', published(), 'broken', [/no DKIM key at s1\._domainkey/, PUBLISH]],
    ['two records', published([`p=${OURS}`], [`p=${OURS}`]), 'broken', [/more than one/, /remove/]],
    ['what is not a key', published(['v=spf1 -all']), 'broken', [/not a DKIM key/, PUBLISH]],
    ['a revoked key', published(['v=DKIM1; p=']), 'broken', [/revoked/, /send\.dkim_keys/]],
    ['another key', published([`v=DKIM1; p=${OTHER}`]), 'broken', [/not the public part/, /private key, or publish/]],
    ['a key of another type', published([`k=ed25519; p=${OURS}`]), 'broken', [/not the public part/, /publish/]],
    ['a key for sha1 alone', published([`h=sha1; p=${OURS}`]), 'broken', [/sha256/, /h=/]],
    ['a key for mail alone', published([`s=email; p=${OURS}`]), 'warning', [/for email \(s=\)/, /remove s=/]],
    ['a key that no mail server heeds', published([`s=tlsrpt; p=${OURS}`]), 'warning', [/for tlsrpt/, /remove s=/]],
    ['a key for tests', published([`t=y:s; p=${OURS}`]), 'warning', [/for tests/, /t=y/]],
    ['a forged answer', key({ kind: 'bogus' }), 'broken', [/DNSSEC does not confirm/, /signatures of the zone/]],
    ['no answer', key({ kind: 'unanswered', why: 'SERVFAIL' }), 'warning', [/not known.*SERVFAIL/, /run this again/]],
  ])('finds %s, and says what to do', (_, found, grade, [what, fix]) => {
    expect(judgeDkim([found], 'sender.example')).toEqual([
      { grade, check: 'dkim', what: expect.stringMatching(what) as string, fix: expect.stringMatching(fix) as string },
    ]);
  });
});
