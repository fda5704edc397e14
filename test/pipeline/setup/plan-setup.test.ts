import { describe, expect, it } from 'vitest';
import type { Wanted } from '#pipeline/setup/place.ts';
import { planSetup } from '#pipeline/setup/plan-setup.ts';
import type { FoundHost } from '#pipeline/setup/plan-setup.ts';
import { makeFoundHost, makeInstance, SOCKET } from '#test/support/found-host.ts';
import type { FoundHostTraits } from '#test/support/found-host.ts';

const NAME = 'run/tlsrpt/tlsrpt.sock';
const ON = { smtp_tlsrpt_enable: 'yes', smtp_tlsrpt_socket_name: NAME };
const done = makeInstance({ set: ON });
const ofCollector = (traits: Partial<FoundHost['socket']>): FoundHost['socket'] => ({
  path: SOCKET,
  group: 'postfix',
  mode: 0o660,
  isOfUnit: false,
  ...traits,
});

/** In a line each, but for the collector, which is to run wherever it has a unit. */
function linesOf(wanted: readonly Wanted[]): string[] {
  return wanted
    .filter(({ place }) => place.kind !== 'service')
    .map(({ place, value }) => {
      switch (place.kind) {
        case 'parameter':
          return `${place.configDirectory} ${place.name}=${value}`;
        case 'setting':
          return `${place.key}=${value}`;
        case 'directory':
          return `${place.path} ${value}`;
        case 'service':
          return `${place.unit} ${value}`;
        case 'drop-in':
        case 'unit':
          return `${place.path} ${value.split('\n').slice(1, -1).join(' ')}`;
      }
    });
}

describe('planSetup', () => {
  it.each<readonly [what: string, found: FoundHostTraits, expected: readonly string[]]>([
    [
      'a fresh Debian 13 with the package',
      {},
      [`/etc/postfix smtp_tlsrpt_socket_name=${NAME}`, '/etc/postfix smtp_tlsrpt_enable=yes'],
    ],
    ['one that is set up', { instances: [done] }, []],
    [
      'one whose socket has another absolute name, which is the same to a chrooted smtp(8)',
      { instances: [makeInstance({ set: { ...ON, smtp_tlsrpt_socket_name: `/${NAME}` } })] },
      [],
    ],
    [
      'one whose smtp(8) is not chrooted and knows the socket by its whole path',
      { instances: [makeInstance({ isChrooted: false, set: { ...ON, smtp_tlsrpt_socket_name: SOCKET } })] },
      [],
    ],
    [
      'a whole path that means another place to a chrooted smtp(8)',
      { instances: [makeInstance({ set: { ...ON, smtp_tlsrpt_socket_name: SOCKET } })] },
      [`/etc/postfix smtp_tlsrpt_socket_name=${NAME}`],
    ],
    [
      'the socket of another collector',
      { instances: [makeInstance({ set: { ...ON, smtp_tlsrpt_socket_name: 'run/other.sock' } })] },
      [`/etc/postfix smtp_tlsrpt_socket_name=${NAME}`],
    ],
    [
      'a socket that a chrooted smtp(8) cannot reach',
      { instances: [done], socket: ofCollector({ path: '/run/tlsrpt/tlsrpt.sock', isOfUnit: true }) },
      [
        '/etc/systemd/system/tlsrpt.socket.d/postfix.conf [Socket] ListenDatagram= ' +
          `ListenDatagram=${SOCKET} SocketGroup=postfix SocketMode=0660 RemoveOnStop=yes`,
      ],
    ],
    [
      'a socket that an smtp(8) reaches which is not chrooted',
      {
        instances: [makeInstance({ isChrooted: false })],
        socket: ofCollector({ path: '/run/tlsrpt/tlsrpt.sock', isOfUnit: true }),
        directories: { '/run/tlsrpt': 'tlsrpt:postfix 0750' },
      },
      ['/etc/postfix smtp_tlsrpt_socket_name=/run/tlsrpt/tlsrpt.sock', '/etc/postfix smtp_tlsrpt_enable=yes'],
    ],
    [
      'a socket of a unit that Postfix may not write to',
      { instances: [done], socket: ofCollector({ group: undefined, isOfUnit: true }) },
      [
        '/etc/systemd/system/tlsrpt.socket.d/postfix.conf [Socket] ListenDatagram= ' +
          `ListenDatagram=${SOCKET} SocketGroup=postfix SocketMode=0660 RemoveOnStop=yes`,
      ],
    ],
    [
      'a socket of a unit that everybody may write to',
      { instances: [done], socket: ofCollector({ group: undefined, mode: 0o666, isOfUnit: true }) },
      [],
    ],
    [
      'a collector that makes its own socket, of its own group',
      { instances: [done], socket: ofCollector({ group: undefined }) },
      ['collect.socket_group=postfix'],
    ],
    [
      'a collector that makes its own socket, elsewhere, for its owner alone',
      { instances: [done], socket: ofCollector({ path: '/run/tlsrpt.sock', group: 'tlsrpt', mode: 0o600 }) },
      [`collect.socket=${SOCKET}`, 'collect.socket_group=postfix', 'collect.socket_mode=0620'],
    ],
    [
      'no directory for the socket',
      { instances: [done], directoryAt: (path) => (path === '/var/spool/postfix' ? 'root:root 0755' : null) },
      ['/var/spool/postfix/run root:root 0755', '/var/spool/postfix/run/tlsrpt root:postfix 0751'],
    ],
    [
      'no directory for a socket that the collector makes itself',
      { instances: [done], socket: ofCollector({}), directories: { '/var/spool/postfix/run/tlsrpt': '' } },
      ['/var/spool/postfix/run/tlsrpt tlsrpt:postfix 0750'],
    ],
    [
      'a second instance that is chrooted in a queue directory of its own',
      { instances: [done, makeInstance({ name: 'postfix-out' })] },
      [
        '/var/spool/postfix-out/run root:root 0755',
        '/var/spool/postfix-out/run/tlsrpt root:root 0755',
        '/etc/systemd/system/var-spool-postfix\\x2dout-run-tlsrpt.mount [Unit] ' +
          'Description=Socket of tlsrpt in the queue directory of another instance of Postfix [Mount] ' +
          'What=/var/spool/postfix/run/tlsrpt Where=/var/spool/postfix-out/run/tlsrpt Type=none Options=bind ' +
          '[Install] WantedBy=local-fs.target',
        `/etc/postfix-out smtp_tlsrpt_socket_name=${NAME}`,
        '/etc/postfix-out smtp_tlsrpt_enable=yes',
      ],
    ],
    [
      'one whose queue directory is behind a symbolic link, where systemd mounts nothing',
      {
        instances: [done, makeInstance({ name: 'postfix-out', set: ON })],
        realPath: (path) => path.replace('/var/spool/postfix-out', '/srv/out'),
        directories: { '/srv/out': 'root:root 0755', '/srv/out/run': 'root:root 0755' },
      },
      [
        '/srv/out/run/tlsrpt root:root 0755',
        '/etc/systemd/system/srv-out-run-tlsrpt.mount [Unit] ' +
          'Description=Socket of tlsrpt in the queue directory of another instance of Postfix [Mount] ' +
          'What=/var/spool/postfix/run/tlsrpt Where=/srv/out/run/tlsrpt Type=none Options=bind [Install] WantedBy=local-fs.target',
      ],
    ],
    [
      'a second instance that is not chrooted',
      { instances: [done, makeInstance({ name: 'postfix-out', isChrooted: false })] },
      [`/etc/postfix-out smtp_tlsrpt_socket_name=${SOCKET}`, '/etc/postfix-out smtp_tlsrpt_enable=yes'],
    ],
    [
      'postfix-tlspol that knows TLSRPT',
      {
        instances: [makeInstance({ set: { ...ON, smtp_tls_policy_maps: 'socketmap:inet:127.0.0.1:8642:QUERY' } })],
        answers: () => true,
      },
      ['/etc/postfix smtp_tls_policy_maps=socketmap:inet:127.0.0.1:8642:QUERYwithTLSRPT'],
    ],
  ])('wants of %s', (_, found, expected) => {
    expect(linesOf(planSetup(makeFoundHost(found)).wanted)).toEqual(expected);
  });

  it.each<readonly [what: string, found: FoundHostTraits, note: RegExp]>([
    ['no TLS', { instances: [makeInstance({ set: { smtp_tls_security_level: '' } })] }, /uses no TLS.*may, or to dane/],
    ['no TLS at all', { instances: [makeInstance({ set: { smtp_tls_security_level: 'none' } })] }, /uses no TLS/],
    ['no DNS', { instances: [makeInstance({ set: { smtp_dns_support_level: 'disabled' } })] }, /DNS is off/],
    ['no DNS, as of old', { instances: [makeInstance({ set: { disable_dns_lookups: 'yes' } })] }, /DNS is off/],
    [
      'a service that goes its own way',
      { instances: [makeInstance({ overrides: { smtp_tlsrpt_enable: 'no' } })] },
      /master\.cf sets smtp_tlsrpt_enable = no for smtp\/unix/,
    ],
    [
      'a main.cf that something else may manage',
      { instances: [{ ...makeInstance(), mainCf: '/srv/conf/main.cf' }] },
      /main\.cf is a symbolic link, and is changed where that leads: \/srv\/conf\/main\.cf/,
    ],
    ['no smtp(8)', { instances: [{ ...makeInstance(), clients: [] }] }, /no service that runs smtp\(8\)/],
    ['settings that the collector has to read', { socket: ofCollector({ group: undefined }) }, /start it anew/],
    [
      'a queue directory that is no name for a unit',
      { instances: [done, { ...makeInstance({ name: 'out' }), queueDirectory: '/var/spool/my queue' }] },
      /"\/var\/spool\/postfix\/run\/tlsrpt \/var\/spool\/my queue\/run\/tlsrpt none bind 0 0" to \/etc\/fstab/,
    ],
    [
      'a mount without systemd',
      { instances: [done, makeInstance({ name: 'out' })], hasSystemd: false },
      /to \/etc\/fstab/,
    ],
    [
      'a directory of somebody else',
      { directories: { '/var/spool/postfix/run/tlsrpt': 'rspamd:rspamd 0750' } },
      /belongs to rspamd, and smtp\(8\) cannot pass/,
    ],
  ])('leaves to the administrator: %s', (_, found, note) => {
    expect(planSetup(makeFoundHost(found)).notes.join('\n')).toMatch(note);
  });

  it.each<readonly [what: string, set: Readonly<Record<string, string>>]>([
    ['as it was turned on of old', { smtp_use_tls: 'yes' }],
    ['as it was required of old', { smtp_enforce_tls: 'yes' }],
    ['by a table of old', { smtp_tls_per_site: 'hash:/etc/postfix/tls' }],
    ['by a table', { smtp_tls_policy_maps: 'hash:/etc/postfix/tls' }],
    ['at a level', { smtp_tls_security_level: 'dane' }],
  ])('knows TLS %s, in main.cf and in master.cf', (_, set) => {
    const level = { smtp_tls_security_level: '' };
    const instances = [
      makeInstance({ set: { ...level, ...set } }),
      makeInstance({ set: level, overrides: set }),
    ] as const;
    for (const instance of instances)
      expect(planSetup(makeFoundHost({ instances: [instance] })).notes.join('\n')).not.toContain('uses no TLS');
  });

  it.each([true, false])('wants the collector of a unit to run, with the unit: %s', (isOfUnit) => {
    const { wanted } = planSetup(makeFoundHost({ instances: [done], socket: ofCollector({ isOfUnit }) }));
    expect(wanted).toEqual(isOfUnit ? [{ place: { kind: 'service', unit: 'tlsrpt.service' }, value: 'running' }] : []);
  });

  it('leaves nothing to the administrator of a sound host', () => {
    expect(planSetup(makeFoundHost()).notes).toEqual([]);
  });

  it.each([
    ['2.11.3', /takes Postfix 3\.10 or later/],
    ['3.9.1', /takes Postfix 3\.10 or later/],
    ['3.10.13', /built without TLSRPT/],
    ['4.0.0', /built without TLSRPT/],
  ])('refuses Postfix %s that does not know TLSRPT', (version, message) => {
    const host = makeFoundHost({
      instances: [{ ...makeInstance({ version }), parameters: { mail_version: version } }],
    });
    expect(() => planSetup(host)).toThrow(
      expect.objectContaining({
        code: 'postfix-without-tlsrpt',
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});
