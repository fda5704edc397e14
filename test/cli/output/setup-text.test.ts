import { describe, expect, it } from 'vitest';
import { changeText, instanceText, outcomeText } from '#cli/output/setup-text.ts';
import type { Change } from '#pipeline/setup/place.ts';
import { makeInstance } from '#test/support/found-host.ts';

const DROP_IN = { kind: 'drop-in', path: '/u/x\\x2d.conf', unit: 'tlsrpt.socket' } as const;
const DIRECTORY = { kind: 'directory', path: '/q/my dir' } as const;

describe('A change', () => {
  it.each<readonly [Change, string]>([
    [
      { place: { kind: 'parameter', configDirectory: '/c', name: 'a' }, value: "it's $x", before: null },
      `  postconf -c /c -e "a=it's \\$x"   # was: not set in main.cf`,
    ],
    [
      { place: { kind: 'setting', file: '/f', key: 'collect.socket' }, value: null, before: '/s' },
      '  /f: collect.socket = (taken out)   # was: /s',
    ],
    [
      { place: DIRECTORY, value: 'root:postfix 0750', before: 'root:root 0700' },
      "  install -d -o root -g postfix -m 0750 '/q/my dir'   # was: root:root 0700",
    ],
    [{ place: DIRECTORY, value: null, before: 'root:root 0700' }, "  rmdir '/q/my dir'   # was: root:root 0700"],
    [{ place: DROP_IN, value: 'a\nb\n', before: null }, '  write /u/x\\x2d.conf, and tell systemd:\n    a\n    b'],
    [{ place: DROP_IN, value: null, before: 'a\n' }, "  rm '/u/x\\x2d.conf', and tell systemd"],
    [
      { place: { kind: 'service', unit: 'tlsrpt.service' }, value: 'running', before: null },
      '  systemctl start tlsrpt.service',
    ],
    [
      { place: { kind: 'service', unit: 'tlsrpt.service' }, value: 'running', before: 'running' },
      '  systemctl restart tlsrpt.socket tlsrpt.service',
    ],
  ])('is shown as one would type it, case %#', (change, text) => {
    expect(changeText(change)).toBe(text);
  });

  it('brings no control character to a terminal', () => {
    const place = { kind: 'parameter', configDirectory: '/c', name: 'a' } as const;
    expect(changeText({ place, value: 'x', before: '\u001b[2J' })).toContain('# was: \\u001b[2J');
  });

  it.each<readonly [Change['place'], string]>([
    [DIRECTORY, '/q/my dir'],
    [DROP_IN, '/u/x\\x2d.conf'],
    [{ kind: 'service', unit: 'tlsrpt.service' }, 'tlsrpt.service'],
    [{ kind: 'setting', file: '/f', key: 'collect.socket' }, 'collect.socket in /f'],
  ])('is named where it is left as it is, case %#', (place, name) => {
    const change = { place, value: 'x', before: null };
    expect(outcomeText({ kind: 'left', change, why: 'something is in it' })).toBe(
      `left as it is: ${name}: something is in it`,
    );
    expect(outcomeText({ kind: 'undone-already', change })).toBe(`undone before: ${name}`);
  });
});

describe('An instance', () => {
  it.each([
    [[true, true], 'chrooted'],
    [[false, false], 'not chrooted'],
    [[true, false], 'partly chrooted'],
  ])('is shown with how it is locked up: %j', (chroots, how) => {
    const clients = chroots.map((isChrooted) => ({ service: 'smtp/unix', isChrooted, overrides: {} }));
    expect(instanceText({ ...makeInstance(), clients })).toBe(
      `/etc/postfix: Postfix 3.10.13, queue directory /var/spool/postfix, smtp(8) ${how}`,
    );
  });
});
