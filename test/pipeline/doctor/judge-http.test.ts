import { expect, it } from 'vitest';
import { judgeHttp } from '#pipeline/doctor/judge-http.ts';
import type { HttpAddressFacts, HttpFacts, NetworkLimits, PostingService } from '#pipeline/doctor/judge-http.ts';

const [taken, silent, refused] = [
  { kind: 'taken' },
  { kind: 'silent', waitedMs: 3_000 },
  { kind: 'failed', why: 'ECONNREFUSED' },
] as const;
const open: NetworkLimits = { barredFamilies: [], denied: [], allowed: [], isPrivate: false };
const denied = ['::/0', '0.0.0.0/0'];
const ofPackage: NetworkLimits = { ...open, barredFamilies: ['AF_INET', 'AF_INET6'], denied };
const local: HttpAddressFacts = { address: '127.0.0.1:9200', family: 'AF_INET', isLoopback: true, trial: taken };
const remote: HttpAddressFacts = { ...local, address: '192.0.2.10:9200', isLoopback: false };

const collector: PostingService = {
  posted: 'Sessions',
  setting: 'collect.http',
  unit: 'tlsrpt.service',
  explained: ', as docs/http.md has it',
};
const server: PostingService = { ...collector, posted: 'Reports', unit: 'tlsrpt-serve.service', explained: '' };

function judge(facts: HttpAddressFacts, limits: HttpFacts['limits'], service = collector): string[] {
  return judgeHttp({ service, addresses: [facts], limits }).map(
    ({ grade, check, what }) => `${grade} ${check}: ${what}`,
  );
}

it('There is nothing to say where nothing is posted', () => {
  expect(judgeHttp({ service: collector, addresses: [], limits: ofPackage })).toEqual([]);
});

it.each<readonly [string, HttpAddressFacts, HttpFacts['limits']]>([
  ['somebody listens there', local, undefined],
  ['somebody listens there, whatever the unit says of others', local, { ...open, denied, allowed: ['127.0.0.0/8'] }],
  [
    'others are let in, and this machine is not',
    { ...remote, trial: silent },
    { ...open, denied, allowed: ['198.51.100.7/32'] },
  ],
])('All is well where %s', (_, facts, limits) => {
  expect(judge(facts, limits)).toEqual([expect.stringMatching(/^ok http: /)]);
});

const keepsAway = (address: string, settings: string): string =>
  `broken http: tlsrpt.service keeps away what is posted to ${address} (${settings}).`;

it.each<readonly [HttpAddressFacts, HttpFacts['limits'], string]>([
  [{ ...local, trial: refused }, ofPackage, keepsAway('127.0.0.1:9200', 'RestrictAddressFamilies=, IPAddressDeny=')],
  [{ ...local, trial: silent }, { ...open, denied }, keepsAway('127.0.0.1:9200', 'IPAddressDeny=')],
  [
    { ...remote, trial: silent },
    { ...open, denied, allowed: ['2001:db8::/32'] },
    keepsAway('192.0.2.10:9200', 'IPAddressDeny='),
  ],
  [
    { ...local, trial: silent },
    { ...open, denied, allowed: ['198.51.100.7/32'] },
    keepsAway('127.0.0.1:9200', 'IPAddressDeny='),
  ],
  [{ ...local, trial: refused }, { ...open, isPrivate: true }, keepsAway('127.0.0.1:9200', 'PrivateNetwork=')],
  [
    { ...local, trial: refused },
    { ...open, barredFamilies: ['AF_INET6'] },
    'broken http: Sessions cannot be posted to 127.0.0.1:9200: ECONNREFUSED.',
  ],
  [
    { ...local, trial: refused },
    { ...open, denied, allowed: ['127.0.0.0/8'] },
    'broken http: Sessions cannot be posted to 127.0.0.1:9200: ECONNREFUSED.',
  ],
  [{ ...remote, trial: silent }, undefined, 'broken http: Nothing was heard from 192.0.2.10:9200 in 3 seconds.'],
])('What keeps posts away is named, case %#', (facts, limits, finding) => {
  expect(judge(facts, limits)).toEqual([finding]);
});

it('Reports are posted to another service', () => {
  expect(judge(local, undefined, server)).toEqual(['ok http: Reports can be posted to 127.0.0.1:9200.']);
  expect(judge({ ...local, trial: refused }, ofPackage, server)).toEqual([
    'broken http: tlsrpt-serve.service keeps away what is posted to 127.0.0.1:9200 (RestrictAddressFamilies=, IPAddressDeny=).',
  ]);
});
