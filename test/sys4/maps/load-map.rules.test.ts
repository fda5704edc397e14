/**
 * What sys4's destination maps do, rule by rule. What is expected is written by hand, and tried with Python as well.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { writeMap } from '#test/support/maps.ts';
import { has } from '#test/support/real-parts.ts';
import { run } from '#test/support/run-program.ts';

const RULES_IN_PYTHON = fileURLToPath(new URL('../../support/sys4_maps.py', import.meta.url));

const MAIL = 'mailto:tls@mail.example';
const WEB = 'https://web.example/v1/r';
const NEW_MAIL = 'mailto:new@new.example';
const NEW_WEB = 'https://new.example/r';

interface Case {
  readonly maps: { readonly record?: string[]; readonly mail?: string[]; readonly https?: string[] };
  readonly domain: string;
  readonly uris: readonly string[];
  readonly expected: readonly string[];
}

interface Wish {
  readonly domain?: string;
  readonly uris?: readonly string[];
}

function inMap(name: keyof Case['maps'], lines: string | string[], expected: string[], wish: Wish = {}): Case {
  return { domain: 'a.example', uris: [MAIL, WEB], ...wish, maps: { [name]: [lines].flat() }, expected };
}

const record = inMap.bind(undefined, 'record');
const mail = inMap.bind(undefined, 'mail');
const https = inMap.bind(undefined, 'https');
const raw = String.raw;

const both = [MAIL, WEB];
const two = { uris: ['mailto:a@x.example', 'mailto:b@y.example'] };
const twoWeb = { uris: ['https://x.example/v1/r', 'https://y.example/v2/r'] };

const cases: Readonly<Record<string, readonly Case[]>> = {
  'a domain in the record map': [
    record('a.example DISCARD', []),
    record('a.example DISCARD', both, { domain: 'b.a.example' }), // not what is below it
    record('b.a.example DISCARD', both), // not what is above it
    record('.a.example DISCARD', both), // not itself
    record('.a.example DISCARD', [], { domain: 'b.a.example' }),
    record('.a.example DISCARD', [], { domain: 'c.b.a.example' }),
    record('.a.example DISCARD', both, { domain: 'ba.example' }),
    record('. DISCARD', []),
    record('domain:a.example DISCARD', []),
    record('domain:.a.example DISCARD', [], { domain: 'b.a.example' }),
    record('domain:. DISCARD', []),
    record('A.EXAMPLE DISCARD', []),
    record('a.example DISCARD', [], { domain: 'A.Example.' }),
    record('mail.example DISCARD', both), // the domain of an address is nothing to it
  ],
  'an expression in the record map': [
    record(raw`regexp:a\.example DISCARD`, []),
    record('regexp:example DISCARD', both), // from the start
    record('regexp:a DISCARD', []), // not to the end
    record('regexp:.*example$ DISCARD', []),
    record('regexp:a.exampl$ DISCARD', both),
    record('regexp:A DISCARD', both), // capital letters are others
    record('regexp:(?i)A DISCARD', []),
    record('regexp:a DISCARD', [], { domain: 'A.Example' }), // the policy domain has small letters by then
    record('regexp:mailto: DISCARD', both), // the addresses are nothing to it
    record('regexp:.*@ DISCARD', both),
  ],
  'an action in the record map': [
    record(['a.example ACCEPT', '. DISCARD'], both),
    record(['# . ACCEPT', 'b.example ACCEPT', '. DISCARD', 'a.example ACCEPT'], []),
    record(['b.example DISCARD'], both),
    record(`. REPLACE ${NEW_MAIL}`, [NEW_MAIL]),
    record(`. REPLACE ${NEW_MAIL} ${NEW_WEB} directory:/r`, [NEW_MAIL, NEW_WEB, 'directory:/r']),
    record(`. REPLACE ${NEW_MAIL}`, [NEW_MAIL], { uris: [] }), // of a record that cannot be used
    record('. APPEND directory:/r', [...both, 'directory:/r']),
    record(`. APPEND ${NEW_MAIL} ${NEW_WEB}`, [...both, NEW_MAIL, NEW_WEB]),
    record(`. APPEND ${MAIL}`, both), // one copy
    record(raw`. REGEXP ^mailto:(.*)$ https://gw.example/\1`, ['https://gw.example/tls@mail.example', WEB]),
    record(
      raw`. REGEXP ^mailto:(.*)$ https://gw.example/\1`,
      ['https://gw.example/a@x.example', 'https://gw.example/b@y.example'],
      two,
    ),
    record('. REGEXP ^(mailto|https):.*$ directory:/r', ['directory:/r']),
    record('. REGEXP nothing something', both),
  ],
  'a domain in the mail map': [
    mail('mail.example DISCARD', [WEB]),
    mail('mail.example DISCARD', [], { uris: ['mailto:tls@MAIL.Example'] }),
    mail('MAIL.example DISCARD', [WEB]),
    mail('.mail.example DISCARD', both),
    mail('.mail.example DISCARD', [], { uris: ['mailto:tls@b.mail.example'] }),
    mail('. DISCARD', [WEB]),
    mail('domain:mail.example DISCARD', [WEB]),
    mail('a.example DISCARD', both), // the policy domain is nothing to it
    mail('web.example DISCARD', both),
    mail('mail.example DISCARD', [], { uris: ['mailto:tls%2Bx@mail.example'] }),
    mail('x.example DISCARD', ['mailto:b@y.example'], two),
  ],
  'an expression in the mail map': [
    mail(raw`regexp:.*@mail\.example DISCARD`, [WEB]),
    mail('regexp:mailto:tls@ DISCARD', [WEB]),
    mail('regexp:tls@ DISCARD', both), // an address begins with its scheme
    mail('regexp:mail DISCARD', [WEB]),
    mail(raw`regexp:mail\.example DISCARD`, both),
    mail('regexp:.*@MAIL DISCARD', both),
    mail('regexp:.*@MAIL DISCARD', [], { uris: ['mailto:tls@MAIL.example'] }),
    mail('regexp:mailto:TLS@ DISCARD', [MAIL], { uris: [MAIL, 'mailto:TLS@mail.example'] }),
    mail('regexp:(?i)mailto:TLS@ DISCARD', [], { uris: [MAIL, 'mailto:Tls@mail.example'] }),
    mail('regexp:.*%2B DISCARD', [], { uris: ['mailto:tls%2Bx@mail.example'] }), // as the record has it
    mail(raw`regexp:.*\+ DISCARD`, ['mailto:tls%2Bx@mail.example'], { uris: ['mailto:tls%2Bx@mail.example'] }),
    mail('regexp:.*@[xz] DISCARD', ['mailto:b@y.example'], two),
  ],
  'an action in the mail map': [
    mail(['x.example ACCEPT', '. DISCARD'], ['mailto:a@x.example'], two),
    mail(`x.example REPLACE ${NEW_MAIL}`, [NEW_MAIL, 'mailto:b@y.example'], two),
    mail(`. REPLACE ${NEW_MAIL}`, [NEW_MAIL], two),
    mail(`x.example REPLACE ${NEW_MAIL} directory:/r`, [NEW_MAIL, 'directory:/r', 'mailto:b@y.example'], two),
    mail('. APPEND directory:/r', [MAIL, 'directory:/r', WEB]),
    mail(raw`. REGEXP (.*)@x\.example$ \1+tls@z.example`, ['mailto:a+tls@z.example', 'mailto:b@y.example'], two),
    mail(raw`. REGEXP mailto:(.*)@ mailto:\1+x@`, ['mailto:a%2Bb+x@x.example'], { uris: ['mailto:a%2Bb@x.example'] }),
    mail(raw`regexp:.*@x\. REGEXP ^mailto:([a-z]+)@.* directory:/r/\1`, ['directory:/r/a', 'mailto:b@y.example'], two),
  ],
  'a domain in the https map': [
    https('web.example DISCARD', [MAIL]),
    https('web.example DISCARD', [], { uris: ['https://WEB.Example/r'] }),
    https('web.example DISCARD', [], { uris: ['https://web.example:8443/r'] }),
    https('web.example DISCARD', [], { uris: ['https://web.example./r'] }),
    https('.web.example DISCARD', [MAIL, WEB]),
    https('.web.example DISCARD', [], { uris: ['https://b.web.example/r'] }),
    https('. DISCARD', [MAIL]),
    https('domain:.example DISCARD', [MAIL]),
    https('mail.example DISCARD', both),
    https('a.example DISCARD', both), // the policy domain is nothing to it
  ],
  'an expression in the https map': [
    https('regexp:https://web DISCARD', [MAIL]),
    https('regexp:.*/v1/ DISCARD', ['https://y.example/v2/r'], twoWeb),
    https('regexp:web DISCARD', both),
    https(raw`regexp:https://[^/]*\.example/v2 DISCARD`, ['https://x.example/v1/r'], twoWeb),
    https('regexp:.*:8443/ DISCARD', [], { uris: ['https://web.example:8443/r'] }),
    https(raw`regexp:.*\?key= DISCARD`, ['https://x.example/r'], {
      uris: ['https://x.example/r', 'https://x.example/r?key=1'],
    }),
    https('regexp:.*%2Fr DISCARD', [], { uris: ['https://x.example/a%2Fr'] }),
    https('regexp:.*a/r DISCARD', ['https://x.example/a%2Fr'], { uris: ['https://x.example/a%2Fr'] }),
    https('regexp:https://WEB DISCARD', [MAIL], { uris: [MAIL, 'https://WEB.example/r'] }),
    https('regexp:.*/R$ DISCARD', ['https://web.example/r'], {
      uris: ['https://web.example/r', 'https://web.example/R'],
    }),
  ],
  'an action in the https map': [
    https(['x.example ACCEPT', '. DISCARD'], ['https://x.example/v1/r'], twoWeb),
    https(`. REPLACE ${NEW_WEB}`, [MAIL, NEW_WEB]),
    https(`y.example REPLACE ${NEW_MAIL} ${NEW_WEB}`, ['https://x.example/v1/r', NEW_MAIL, NEW_WEB], twoWeb),
    https('. APPEND directory:/r', [MAIL, WEB, 'directory:/r']),
    https(
      raw`. REGEXP ^https://([^/]+)/ https://gw.example/\1/`,
      ['https://gw.example/x.example/v1/r', 'https://gw.example/y.example/v2/r'],
      twoWeb,
    ),
    https(raw`. REGEXP ^https://([^/:]+).* mailto:tls@\1`, [MAIL, 'mailto:tls@web.example']),
    https('. REGEXP /v1/ /v2/', [MAIL, 'https://web.example/v2/r']),
  ],
  "Python's regular expressions": [
    mail('regexp:mailto:(tls|tlsrpt)@mail DISCARD', [WEB]),
    mail('regexp:mailto:[a-z]{3}@ DISCARD', [WEB]),
    mail('regexp:mailto:[a-z]{,2}@ DISCARD', both),
    mail('regexp:(?!.*@mail) DISCARD', both),
    mail('regexp:(?=.*@mail) DISCARD', [WEB]),
    mail(raw`regexp:mailto:\w+@\w+\.example\Z DISCARD`, [WEB]),
    mail(raw`regexp:\Amailto:\D+$ DISCARD`, [WEB]),
    mail(raw`regexp:.*\bmail\b DISCARD`, [WEB]),
    mail(raw`regexp:mailto:(?P<x>\w)(?P=x) DISCARD`, [MAIL], { uris: [MAIL, 'mailto:aab@mail.example'] }),
    mail(raw`regexp:mailto:tls\x40mail DISCARD`, [WEB]),
    mail('regexp:mailto:(?#whoever).*@mail DISCARD', [WEB]),
    mail(raw`regexp:.*(?<=@)mail DISCARD`, [WEB]),
    mail(raw`. REGEXP (?P<user>.*)@(?P<host>.*) \g<user>+\g<host>@new.example`, [
      'mailto:tls+mail.example@new.example',
      WEB,
    ]),
    mail(raw`. REGEXP (tls)@ \g<1>0@`, ['mailto:tls0@mail.example', WEB]),
    mail(raw`. REGEXP mailto:(x)?(.*) mailto:\1\2`, both), // a group that is unset is empty
    mail(raw`. REGEXP e E`, ['mailto:tls@mail.ExamplE', WEB]), // wherever it matches
    mail(raw`. REGEXP mailto:.*?l mailto:x`, ['mailto:xs@mail.example', WEB]), // as little as it can
    mail(raw`. REGEXP (?i)TLS@ reports@`, ['mailto:reports@mail.example', WEB]),
    mail(raw`. REGEXP @.*\.(\w+)$ @gw.\1`, ['mailto:tls@gw.example', WEB]),
  ],
  'several maps': [
    {
      maps: {
        record: [`. APPEND ${NEW_MAIL}`],
        mail: ['new.example DISCARD', '. APPEND directory:/r'],
        https: ['. DISCARD'],
      },
      domain: 'a.example',
      uris: both,
      expected: [MAIL, 'directory:/r'],
    },
    {
      maps: {
        record: [raw`. REGEXP ^mailto:.*@(.*) https://\1/`],
        https: ['regexp:https://mail REPLACE directory:/r'],
      },
      domain: 'a.example',
      uris: both,
      expected: ['directory:/r', WEB],
    },
    {
      maps: { mail: [`. REPLACE ${NEW_WEB}`], https: ['new.example DISCARD'] },
      domain: 'a.example',
      uris: both,
      expected: [NEW_WEB, WEB], // what a map gave is not shown to another one
    },
  ],
};

function inPython(all: readonly Case[]): unknown {
  const { stdout, stderr } = spawnSync('python3', [RULES_IN_PYTHON], { input: JSON.stringify(all), encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

async function inMaptest({ maps, domain, uris }: Case): Promise<unknown> {
  const flags = Object.entries(maps).flatMap(([name, lines]) => [`--${name}-map`, writeMap(...lines)]);
  const text = uris.length === 0 ? '' : `v=TLSRPTv1; rua=${uris.join(',')}`;
  const { stdout, stderr } = await run(['maptest', domain, text, ...flags, '--json']);
  if (stderr !== '') throw new Error(stderr);
  return (JSON.parse(stdout) as { destinations: unknown }).destinations;
}

function titleOf({ maps, domain, uris }: Case): string {
  return `${JSON.stringify(maps)} for ${domain}, ${uris.join(' ')}`;
}

describe.each(Object.entries(cases))('%s', (_, some) => {
  it.each(some.map((one) => [titleOf(one), one] as const))('%s', async (__, one) => {
    expect(await inMaptest(one)).toEqual(one.expected);
  });

  it.runIf(has('python3'))("is so by the rules, with Python's own expressions", () => {
    expect(inPython(some)).toEqual(some.map(({ expected }) => expected));
  });
});
