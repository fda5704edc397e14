import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  confinementOf,
  isRead,
  isServing,
  readLastRun,
  readServiceUser,
  readSocketUnit,
  readUnitState,
  setRunning,
} from '#adapters/systemd/systemctl.ts';
import { PostfixHost } from '#test/support/postfix-host.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

// As `systemctl show` of systemd 257 prints them.
const UNIT = [
  'SocketUser=tlsrpt',
  'SocketGroup=postfix',
  'SocketMode=0660',
  'Listen=/run/x.sock (Datagram)',
  'LoadState=loaded',
];

describe('readSocketUnit', () => {
  it('reads where the socket is and who may write to it', () => {
    new PostfixHost().set('unit', UNIT);
    expect(readSocketUnit('tlsrpt.socket')).toEqual({ path: '/run/x.sock', group: 'postfix', mode: 0o660 });
  });

  it('has no group where the unit names none', () => {
    new PostfixHost().set(
      'unit',
      UNIT.map((line) => line.replace('Group=postfix', 'Group=')),
    );
    expect(readSocketUnit('tlsrpt.socket')).toMatchObject({ group: undefined });
  });

  it.each([
    [['SocketMode=0666', 'LoadState=not-found']],
    [UNIT.map((line) => line.replace('loaded', 'masked'))],
    [UNIT.map((line) => line.replace('Datagram', 'Stream'))],
  ])('knows of no unit: %j', (lines) => {
    new PostfixHost().set('unit', lines);
    expect(readSocketUnit('tlsrpt.socket')).toBeUndefined();
  });
});

describe('readUnitState', () => {
  it.each<readonly [load: string, file: string, active: string, readonly [boolean, boolean, boolean, boolean]]>([
    ['loaded', 'enabled', 'active', [true, true, true, false]],
    ['loaded', 'static', 'active', [true, true, true, false]],
    ['loaded', 'disabled', 'active', [true, false, true, false]],
    ['loaded', 'enabled', 'inactive', [true, true, false, false]],
    ['masked', 'masked', 'inactive', [true, false, false, true]],
    ['not-found', '', 'inactive', [false, false, false, false]],
  ])('reads %s, %s, %s', (load, file, active, [isThere, isEnabled, isActive, isMasked]) => {
    const lines = [`LoadState=${load}`, `ActiveState=${active}`, `UnitFileState=${file}`];
    new PostfixHost().set('unit-tlsrpt-send.timer', lines);
    expect(readUnitState('tlsrpt-send.timer')).toEqual({ isThere, isEnabled, isActive, isMasked });
    expect(readUnitState('tlsrpt-report.timer').isThere).toBe(false);
  });
});

describe('confinementOf', () => {
  it.each([
    [['NoNewPrivileges=yes'], ['NoNewPrivileges=']],
    [
      [
        'NoNewPrivileges=no',
        'PrivateUsers=yes',
        'ProtectSystem=strict',
        'ReadWritePaths=',
        'SystemCallFilter=read setgid',
      ],
      ['PrivateUsers=', 'SystemCallFilter=', 'ReadWritePaths='],
    ],
    [['SystemCallFilter=~reboot setuid'], ['SystemCallFilter=']],
    [['SystemCallFilter=~reboot'], []],
    [
      ['PrivateUsers=no', 'ProtectSystem=strict', 'ReadWritePaths=/var/spool/postfix', 'SystemCallFilter=read setuid'],
      [],
    ],
  ])('of a service with %j is %j', (lines, settings) => {
    new PostfixHost().set('unit-tlsrpt-send.service', lines);
    const queue = '/var/spool/postfix';
    expect([confinementOf('tlsrpt-send.service', queue), confinementOf('other.service', queue)]).toEqual([
      settings,
      [],
    ]);
  });

  it.each([
    ['', '/q', false],
    ['', undefined, false],
    ['/srv/out', undefined, true],
    ['/srv/out', '/q', false],
    ['/q/other /quick', '/q', false],
    ['/srv/out -/q', '/q', true],
    ['+/var/spool', '/var/spool/postfix', true],
    ['/', '/q', true],
  ])('that may write to %j may write to the queue %j: %j', (paths, queue, isWritable) => {
    new PostfixHost().set('unit-tlsrpt-send.service', ['ProtectSystem=strict', `ReadWritePaths=${paths}`]);
    expect(confinementOf('tlsrpt-send.service', queue)).toEqual(isWritable ? [] : ['ReadWritePaths=']);
  });
});

describe('A service', () => {
  it.each([
    [['LoadState=loaded', 'User=tlsrpt'], 'tlsrpt'],
    [['LoadState=loaded', 'User='], 'root'],
    [['LoadState=not-found', 'User='], undefined],
  ])('runs as a user: %j', (lines, user) => {
    new PostfixHost().set('unit-tlsrpt.service', lines);
    expect(readServiceUser('tlsrpt.service')).toBe(user);
  });

  it.each([
    [['Result=success', 'ExecMainStatus=75', 'ExecMainExitTimestamp=@1764400440'], undefined],
    [['Result=exit-code', 'ExecMainStatus=78', 'ExecMainExitTimestamp=@1764400440'], 'exit-code 78'],
  ])('tells of its last run: %j', (lines, failure) => {
    new PostfixHost().set('unit-tlsrpt-send.service', lines);
    expect(readLastRun('tlsrpt-send.service')).toEqual({ endedMs: 1_764_400_440_000, failure });
  });

  it('that has not run tells of none', () => {
    new PostfixHost().set('unit-tlsrpt-send.service', ['Result=success', 'ExecMainStatus=0', 'ExecMainExitTimestamp=']);
    expect(readLastRun('tlsrpt-send.service')).toBeUndefined();
  });

  it('is started and stopped', () => {
    const host = new PostfixHost();
    setRunning('tlsrpt.service', true);
    setRunning('tlsrpt.service', false);
    expect(host.systemctlCalls()).toEqual(['start tlsrpt.service', 'stop tlsrpt.service']);
  });

  it('that does not run though it was started is told', () => {
    const host = new PostfixHost();
    host.set('inactive', []);
    host.set('unmet', []);
    expect(() => {
      setRunning('tlsrpt.service', true);
    }).toThrow(
      expect.objectContaining({
        code: 'system-command-failed',
        message: expect.stringContaining('systemctl has started tlsrpt.service, and it does not run') as string,
      }),
    );
  });
});

describe('The socket of a service', () => {
  /** One that is there, and is as its unit says. */
  function sound(): { host: PostfixHost; path: string; dropIn: string; enteredS: number } {
    const directory = scratchDirectory();
    const [path, dropIn] = [join(directory, 'x.sock'), join(directory, 'postfix.conf')];
    for (const file of [path, dropIn]) writeFileSync(file, '');
    const enteredS = Math.ceil(statSync(dropIn).mtimeMs / 1_000);
    return { host: new PostfixHost(), path, dropIn, enteredS };
  }

  function unit(path: string, dropIn: string, entered: number, needsReload = 'no'): string[] {
    return [
      ...['SocketMode=0660', `Listen=${path} (Datagram)`, 'LoadState=loaded', `NeedDaemonReload=${needsReload}`],
      ...[`DropInPaths=${dropIn}`, `ActiveEnterTimestamp=@${String(entered)}`],
    ];
  }

  it('is left alone where it is there and as its unit says', () => {
    const { host, path, dropIn, enteredS } = sound();
    host.set('unit-tlsrpt.socket', unit(path, dropIn, enteredS));
    expect([isServing('tlsrpt.service'), isRead('tlsrpt.socket')]).toEqual([true, true]);
    setRunning('tlsrpt.service', true);
    expect(host.systemctlCalls()).toEqual(['start tlsrpt.service']);
  });

  it('is known to be changed by files that systemd has not read', () => {
    const { host, path, dropIn, enteredS } = sound();
    host.set('unit-tlsrpt.socket', unit(path, dropIn, enteredS, 'yes'));
    expect(isRead('tlsrpt.socket')).toBe(false);
  });

  it.each<readonly [what: string, lines: (found: ReturnType<typeof sound>) => string[]]>([
    ['somebody has removed it', ({ path, dropIn, enteredS }) => unit(`${path}.gone`, dropIn, enteredS)],
    ['systemd has not read its drop-in', ({ path, dropIn, enteredS }) => unit(path, dropIn, enteredS, 'yes')],
    ['it was made before its drop-in was', ({ path, dropIn, enteredS }) => unit(path, dropIn, enteredS - 10)],
  ])('is made anew with the service where %s', (_, lines) => {
    const found = sound();
    found.host.set('unit-tlsrpt.socket', lines(found));
    expect(isServing('tlsrpt.service')).toBe(false);
    setRunning('tlsrpt.service', true);
    expect(found.host.systemctlCalls()).toEqual(['daemon-reload', 'restart tlsrpt.socket tlsrpt.service']);
  });
});
