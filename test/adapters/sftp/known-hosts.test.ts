import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, judgeHostKey, knownKeyTypes, nameOf, parseKnownHosts } from '#adapters/sftp/known-hosts.ts';
import type { HostAddress, HostKeyVerdict } from '#adapters/sftp/known-hosts.ts';

const ED25519 = keyLine('ssh-ed25519', 'own');
const OTHER_ED25519 = keyLine('ssh-ed25519', 'other');
const RSA = keyLine('ssh-rsa', 'own');
const KEY = keyOf(ED25519);

const mx1 = { host: 'mx1.example', port: 22 };
const mx1OnPort = { host: 'mx1.example', port: 2222 };

describe('judgeHostKey', () => {
  it.each<[why: string, verdict: HostKeyVerdict, address: HostAddress, lines: string[]]>([
    ['its name is there', 'known', mx1, [`mx1.example ${ED25519}`]],
    ['its name is there in capitals', 'known', mx1, [`MX1.Example ${ED25519}`]],
    ['there is a comment behind the key', 'known', mx1, [`mx1.example ${ED25519} root@mx1`]],
    ['fields are set apart by tabs and more', 'known', mx1, [`  mx1.example\t ${ED25519}`]],
    ['it is one of a list', 'known', mx1, [`mx1,mx1.example,192.0.2.1 ${ED25519}`]],
    ['it is known by its address', 'known', { host: '2001:db8::1', port: 22 }, [`2001:db8::1 ${ED25519}`]],
    ['its address and port are there', 'known', { host: '2001:db8::1', port: 2222 }, [`[2001:db8::1]:2222 ${ED25519}`]],
    ['a wildcard stands for it', 'known', mx1, [`*.example ${ED25519}`]],
    ['a question mark stands for one character', 'known', mx1, [`mx?.example ${ED25519}`]],
    ['its name and port are there', 'known', mx1OnPort, [`[mx1.example]:2222 ${ED25519}`]],
    ['a wildcard stands for name and port', 'known', mx1OnPort, [`[*.example]:2222 ${ED25519}`]],
    ['it is known without its port', 'known', mx1OnPort, [`mx1.example ${ED25519}`]],
    ['its name is hashed', 'known', mx1, [`${hashed('mx1.example')} ${ED25519}`]],
    ['its name and port are hashed', 'known', mx1OnPort, [`${hashed('[mx1.example]:2222')} ${ED25519}`]],
    [
      'a later line has this key',
      'known',
      mx1,
      [`mx1.example ${OTHER_ED25519}`, `mx1.example ${RSA}`, `mx1.example ${ED25519}`],
    ],
    ['another key of it is revoked', 'known', mx1, [`mx1.example ${ED25519}`, `@revoked mx1.example ${OTHER_ED25519}`]],
    ['the same key is revoked for others', 'known', mx1, [`mx1.example ${ED25519}`, `@revoked mx2.example ${ED25519}`]],

    ['there is nothing', 'unknown', mx1, []],
    ['only others are there', 'unknown', mx1, [`mx2.example ${ED25519}`]],
    ['its line is a comment', 'unknown', mx1, [`#mx1.example ${ED25519}`, `# mx1.example ${ED25519}`]],
    ['a dot is no wildcard', 'unknown', mx1, [`mx1xexample ${ED25519}`]],
    ['the wildcard needs more than it has', 'unknown', mx1, [`mx1.example.* ${ED25519}`, `mx1?.example ${ED25519}`]],
    ['it is ruled out of the list', 'unknown', mx1, [`*.example,!mx1.example ${ED25519}`]],
    ['it is ruled out by a wildcard', 'unknown', mx1, [`!mx*,mx1.example ${ED25519}`]],
    ['only others are ruled out, which vouches for nobody', 'unknown', mx1, [`!mx2.example ${ED25519}`]],
    ['another port is there', 'unknown', mx1OnPort, [`[mx1.example]:2200 ${ED25519}`]],
    ['only another port is there', 'unknown', mx1, [`[mx1.example]:2222 ${ED25519}`]],
    ['without its port it has another key', 'unknown', mx1OnPort, [`mx1.example ${OTHER_ED25519}`]],
    ['the hash is of another name', 'unknown', mx1, [`${hashed('mx2.example')} ${ED25519}`]],
    ['the hash is of another kind', 'unknown', mx1, [`${hashed('mx1.example').replace('|1|', '|2|')} ${ED25519}`]],
    ['the hash is cut', 'unknown', mx1, [`${hashed('mx1.example').slice(0, -6)} ${ED25519}`]],
    [
      'an authority is there, whose certificates are not supported',
      'unknown',
      mx1,
      [`@cert-authority *.example ${ED25519}`],
    ],
    ['the marker is not one', 'unknown', mx1, [`@trusted mx1.example ${ED25519}`]],
    [
      'the key is of another type than it says',
      'unknown',
      mx1,
      [`mx1.example ${ED25519.replace('ssh-ed25519', 'ssh-rsa')}`],
    ],
    ['the key is missing', 'unknown', mx1, ['mx1.example ssh-ed25519', 'mx1.example', 'mx1.example ssh-ed25519 !!!!']],

    ['it has another key', 'changed', mx1, [`mx1.example ${OTHER_ED25519}`]],
    ['it has a key of another type only', 'changed', mx1, [`mx1.example ${RSA}`]],
    ['its hashed name has another key', 'changed', mx1, [`${hashed('mx1.example')} ${OTHER_ED25519}`]],
    [
      'its port has another key, whatever the name alone has',
      'changed',
      mx1OnPort,
      [`[mx1.example]:2222 ${OTHER_ED25519}`, `mx1.example ${ED25519}`],
    ],

    ['the key is revoked', 'revoked', mx1, [`@revoked mx1.example ${ED25519}`]],
    ['the key is revoked for everybody', 'revoked', mx1OnPort, [`mx1.example ${ED25519}`, `@revoked * ${ED25519}`]],
    [
      'the key is revoked after it was known',
      'revoked',
      mx1,
      [`mx1.example ${ED25519}`, `@revoked mx1.example ${ED25519}`],
    ],
    [
      'the key is revoked for the name without the port',
      'revoked',
      mx1OnPort,
      [`[mx1.example]:2222 ${ED25519}`, `@revoked mx1.example ${ED25519}`],
    ],
  ])('when %s: %s', (_, verdict, address, lines) => {
    expect(judgeHostKey(parseKnownHosts(lines.join('\n')), address, KEY)).toBe(verdict);
    expect(judgeHostKey(parseKnownHosts(lines.join('\r\n')), address, KEY)).toBe(verdict);
  });
});

describe('knownKeyTypes', () => {
  it('names each type once, in the order of the file', () => {
    const text = [`mx1.example ${RSA}`, `*.example ${ED25519}`, `mx1.example ${OTHER_ED25519}`].join('\n');
    expect(knownKeyTypes(parseKnownHosts(text), mx1)).toEqual(['ssh-rsa', 'ssh-ed25519']);
  });

  it('leaves out what is revoked, and what others have', () => {
    const text = [`@revoked mx1.example ${RSA}`, `mx2.example ${RSA}`, `mx1.example ${ED25519}`].join('\n');
    expect(knownKeyTypes(parseKnownHosts(text), mx1)).toEqual(['ssh-ed25519']);
  });
});

describe('parseKnownHosts', () => {
  it('never throws, and vouches for nobody in noise', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(judgeHostKey(parseKnownHosts(text), mx1, KEY)).toBe('unknown');
      }),
    );
  });
});

describe('fingerprintOf', () => {
  it('shows a key as ssh-keygen -l does', () => {
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'; // github.com, published
    expect(fingerprintOf(Buffer.from(key, 'base64'))).toBe('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
  });
});

describe('nameOf', () => {
  it('shows a port only when it is not the usual one', () => {
    expect([mx1, mx1OnPort].map(nameOf)).toEqual(['mx1.example', '[mx1.example]:2222']);
  });
});

/** A key of no use but of the right form (RFC 4253 6.6). */
function keyLine(type: string, content: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return `${type} ${Buffer.concat([length, Buffer.from(type), Buffer.from(content)]).toString('base64')}`;
}

function keyOf(line: string): Buffer {
  return Buffer.from(line.split(' ')[1] ?? '', 'base64');
}

function hashed(name: string): string {
  const salt = Buffer.from('0123456789abcdefghij');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}
