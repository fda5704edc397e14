import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { writeParameter } from '#adapters/postfix/postconf.ts';
import { lockFile } from '#support/file-lock.ts';
import { PostfixHost } from '#test/support/postfix-host.ts';
import type { InstanceOptions } from '#test/support/postfix-host.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const NAME = 'run/tlsrpt/tlsrpt.sock';
const GROUP = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();
const TLS = 'smtp_tls_security_level = may';
const ON = [`smtp_tlsrpt_socket_name = ${NAME}`, 'smtp_tlsrpt_enable = yes'];
const QUERY = 'smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8642:QUERY';

/** A host whose collector makes its socket below Postfix's queue directory, and whose directory for it belongs to this user. */
class Host extends PostfixHost {
  readonly configuration = join(scratchDirectory(), 'tlsrpt.toml');

  constructor(options: InstanceOptions = {}, configuration = '') {
    super({ ...options, mainCf: [TLS, ...(options.mainCf ?? [])] });
    mkdirSync(this.socketDirectory, { recursive: true, mode: 0o755 });
    writeFileSync(this.configuration, configuration);
  }

  get socketDirectory(): string {
    return join(this.queueDirectory(), 'run/tlsrpt');
  }

  setup(...words: readonly string[]): Promise<ProgramRun> {
    const socket = ['--socket', join(this.socketDirectory, 'tlsrpt.sock')];
    return run(['setup', 'postfix', ...socket, '--config', this.configuration, ...words]);
  }

  /** What the directory of the configuration holds. */
  files(): string[] {
    return readdirSync(join(this.configuration, '..'));
  }
}

describe('tlsrpt setup postfix', () => {
  it('prints what is needed, and changes nothing', async () => {
    const host = new Host({}, '[collect]\nsocket_group = "other"\n');
    const { code, stdout, stderr } = await host.setup();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`${host.primary}: Postfix 3.10.13, queue directory ${host.queueDirectory()}, smtp(8) chrooted
socket: ${host.socketDirectory}/tlsrpt.sock
To do, which tlsrpt setup postfix --apply does:
  ${host.configuration}: collect.socket_group = "${GROUP}"   # was: other
  postconf -c ${host.primary} -e smtp_tlsrpt_socket_name=${NAME}   # was: not set in main.cf
  postconf -c ${host.primary} -e smtp_tlsrpt_enable=yes   # was: not set in main.cf
  and each Postfix that changes is reloaded
By hand:
  The collector reads its settings when it starts: start it anew.
`);
    expect([host.mainCf(), host.files(), host.reloads()]).toEqual([[TLS], ['tlsrpt.toml'], 0]);
  });

  it('makes it so once, and undoes it exactly', async () => {
    const configuration = '# ours\n[report]\norganization = "Example"\n';
    const host = new Host({ mainCf: ['smtp_tlsrpt_socket_name = elsewhere'] }, configuration);
    expect((await host.setup('--apply')).code).toBe(0);
    expect(host.mainCf()).toEqual([TLS, ...ON]);
    expect(readFileSync(host.configuration, 'utf8')).toContain(`[collect]\nsocket_group = "${GROUP}"\n`);
    const again = await host.setup('--apply');
    expect(again.stdout).toContain('Nothing has to be changed.\n');
    expect([host.reloads(), host.edits().length]).toEqual([1, 2]);

    const { code, stdout } = await host.setup('--remove');
    expect(code).toBe(0);
    expect(stdout).toContain(`undone:\n  postconf -c ${host.primary} -X smtp_tlsrpt_enable   # was: yes\n`);
    expect(host.mainCf()).toEqual([TLS, 'smtp_tlsrpt_socket_name = elsewhere']);
    expect([readFileSync(host.configuration, 'utf8'), host.files()]).toEqual([configuration, ['tlsrpt.toml']]);
    expect((await host.setup('--remove')).stdout).toBe('There is nothing to undo: setup has changed nothing here.\n');
    expect(host.reloads()).toBe(2);
  });

  it('leaves what the administrator has changed since, and says so', async () => {
    const host = new Host();
    await host.setup('--apply');
    writeParameter(host.primary, 'smtp_tlsrpt_socket_name', 'mine');
    const { stdout } = await host.setup('--remove');
    expect(stdout).toContain(
      `left as it is: smtp_tlsrpt_socket_name in ${host.primary}: somebody has changed it since\n`,
    );
    expect(host.mainCf()).toEqual([TLS, 'smtp_tlsrpt_socket_name = mine']);
  });

  it('makes no change to a Postfix that was set up by hand, and removes none', async () => {
    const host = new Host({ mainCf: ON }, `[collect]\nsocket_group = "${GROUP}"\n`);
    expect((await host.setup('--apply')).stdout).toContain('Nothing has to be changed.');
    await host.setup('--remove');
    expect([host.mainCf(), host.edits(), host.reloads()]).toEqual([[TLS, ...ON], [], 0]);
  });

  it('reaches every instance that is enabled, and reloads those that run', async () => {
    const host = new Host();
    const services = ['smtp/unix/chroot = n', 'smtp/unix/command = smtp'];
    const out = host.addInstance('postfix-out', { services, isRunning: false, mainCf: [TLS] });
    const off = host.addInstance('postfix-off', { isEnabled: false });
    const { stdout } = await host.setup('--apply');
    expect(host.mainCf('postfix-out')).toEqual([
      TLS,
      `smtp_tlsrpt_socket_name = ${host.socketDirectory}/tlsrpt.sock`,
      'smtp_tlsrpt_enable = yes',
    ]);
    expect(stdout).toContain(`${out}: no Postfix runs there; one that starts reads this\n`);
    expect(stdout).toContain(`${off}: this instance is disabled and was left out.\n`);
  });

  it('undoes the rest where an instance is gone', async () => {
    const host = new Host({}, '# ours\n');
    const out = host.addInstance('postfix-out', { services: ['smtp/unix/command = smtp'], mainCf: [TLS] });
    await host.setup('--apply');
    rmSync(out, { recursive: true });
    const { code, stdout } = await host.setup('--remove');
    expect([code, stdout.includes(`undone before: smtp_tlsrpt_enable in ${out}\n`)]).toEqual([0, true]);
    expect([host.mainCf(), host.files()]).toEqual([[TLS], ['tlsrpt.toml']]);
  });

  it('undoes what it made whatever is wrong with the configuration file', async () => {
    const host = new Host({}, `[collect]\nsocket_group = "${GROUP}"\n`);
    await host.setup('--apply');
    writeFileSync(host.configuration, 'contact = [\n');
    expect((await host.setup('--apply')).code).toBe(78);
    const { code, stdout, stderr } = await host.setup('--remove');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('undone:');
    expect([host.mainCf(), host.files(), host.reloads()]).toEqual([[TLS], ['tlsrpt.toml'], 2]);
    expect((await host.setup('--remove')).code).toBe(78);
  });

  it('undoes the rest where Postfix is no longer installed, and what is in main.cf once it is again', async () => {
    const host = new Host({}, '# ours\n');
    await host.setup('--apply');
    const away = join(host.root, 'bin.away');
    renameSync(join(host.root, 'bin'), away);
    const { code, stdout, stderr } = await host.setup('--remove');
    expect([code, stdout.includes('collect.socket_group')]).toEqual([69, true]);
    expect(stderr).toMatch(/error postfix-not-found: /);
    renameSync(away, join(host.root, 'bin'));
    expect(host.mainCf()).toEqual([TLS, ...ON]);
    await host.setup('--remove');
    expect([host.mainCf(), host.files().includes('postfix-setup.json')]).toEqual([[TLS], false]);
  });

  it('lets postfix-tlspol tell of policies once that knows how', async () => {
    const host = new Host({ mainCf: [...ON, QUERY] }, `[collect]\nsocket_group = "${GROUP}"\n`);
    expect((await host.setup('--apply')).stdout).toContain('QUERYwithTLSRPT is not answered');
    expect(host.mainCf()).toContain(QUERY);
    host.set('answers', ['socketmap:inet:127.0.0.1:8642:QUERYwithTLSRPT']);
    await host.setup('--apply');
    expect(host.mainCf()).toContain(`${QUERY}withTLSRPT`);
    await host.setup('--remove');
    expect(host.mainCf()).toEqual([TLS, ...ON, QUERY]);
  });

  it('asks postfix-tlspol where a chrooted smtp(8) finds its socket', async () => {
    const maps = 'smtp_tls_policy_maps = socketmap:unix:/run/tlspol.sock:QUERY';
    const host = new Host({ mainCf: [...ON, maps] });
    host.set('answers', ['socketmap:unix:/run/tlspol.sock:QUERYwithTLSRPT']);
    const place = join(host.queueDirectory(), 'run/tlspol.sock');
    expect((await host.setup('--apply')).stdout).toContain(`socketmap:unix:${place}:QUERYwithTLSRPT is not answered`);
    host.set('answers', [`socketmap:unix:${place}:QUERYwithTLSRPT`]);
    await host.setup('--apply');
    expect(host.mainCf()).toContain(`${maps}withTLSRPT`);
  });

  it('makes the directories that are missing, and takes them away', async () => {
    const host = new Host();
    const path = join(host.queueDirectory(), 'new', 'deeper');
    const words = ['--socket', join(path, 'tlsrpt.sock')];
    const isRoot = process.getuid?.() === 0;
    const apply = await run(['setup', 'postfix', '--apply', '--config', host.configuration, ...words]);
    // A directory of root is root's to make.
    expect(apply.code).toBe(isRoot ? 0 : 69);
    if (isRoot) expect((statSync(path).mode & 0o777).toString(8)).toBe('750');
    await run(['setup', 'postfix', '--remove', '--config', host.configuration]);
    expect(existsSync(join(host.queueDirectory(), 'new'))).toBe(false);
  });

  it('changes a configuration file where a symbolic link leads, and lets nobody else write to it', async () => {
    const host = new Host({ mainCf: ON });
    const real = join(scratchDirectory(), 'managed.toml');
    writeFileSync(real, '# ours\n', { mode: 0o640 });
    rmSync(host.configuration);
    symlinkSync(real, host.configuration);
    expect((await host.setup('--apply')).code).toBe(0);
    expect(readFileSync(real, 'utf8')).toContain(`socket_group = "${GROUP}"`);
    expect(lstatSync(host.configuration).isSymbolicLink()).toBe(true);
    expect((statSync(real).mode & 0o777).toString(8)).toBe('640');
  });

  it('takes a symbolic link to a directory for that directory', async () => {
    const host = new Host({ mainCf: ON }, `[collect]\nsocket_group = "${GROUP}"\n`);
    const real = join(host.root, 'elsewhere');
    renameSync(host.queueDirectory(), real);
    symlinkSync(real, host.queueDirectory());
    chmodSync(real, 0o711);
    expect((await host.setup('--apply')).stdout).toContain('Nothing has to be changed.');
    expect((statSync(real).mode & 0o777).toString(8)).toBe('711');
  });

  it('changes no directory through a symbolic link', async () => {
    const host = new Host({ mainCf: ON }, `[collect]\nsocket_group = "${GROUP}"\n`);
    const real = scratchDirectory();
    chmodSync(real, 0o700);
    rmSync(host.socketDirectory, { recursive: true });
    symlinkSync(join(real, 'missing'), host.socketDirectory);
    const { code, stderr } = await host.setup('--apply');
    expect(code).toBe(78);
    expect(stderr).toMatch(/is a symbolic link, and the directory that it leads to is not changed through it/);
  });

  it('prints the same as JSON', async () => {
    const host = new Host({ mainCf: ON });
    const change = {
      kind: 'setting',
      file: host.configuration,
      key: 'collect.socket_group',
      value: GROUP,
      before: null,
    };
    const shown = {
      instances: [
        {
          configDirectory: host.primary,
          version: '3.10.13',
          queueDirectory: host.queueDirectory(),
          user: 'postfix',
          chrooted: true,
        },
      ],
      socket: `${host.socketDirectory}/tlsrpt.sock`,
      notes: ['The collector reads its settings when it starts: start it anew.'],
    };
    const json = async (...words: string[]): Promise<unknown> =>
      JSON.parse((await host.setup('--json', ...words)).stdout);
    expect(await json()).toEqual({ ...shown, changes: [{ ...change, state: 'to-do' }] });
    expect(await json('--apply')).toEqual({ ...shown, changes: [{ ...change, state: 'made' }] });
    expect(await json('--remove')).toEqual({
      instances: [],
      socket: null,
      changes: [{ ...change, state: 'undone' }],
      notes: [],
    });
  });
});

describe('tlsrpt setup postfix fails', () => {
  it.each([[['setup']], [['setup', 'exim']], [['setup', 'postfix', '--apply', '--remove']]])(
    'for a command line that is wrong: %j',
    async (words) => {
      expect((await run(words)).code).toBe(64);
    },
  );

  it('where there is no Postfix', async () => {
    vi.stubEnv('PATH', scratchDirectory());
    const { code, stderr } = await run(['setup', 'postfix']);
    vi.unstubAllEnvs();
    expect(code).toBe(69);
    expect(stderr).toMatch(/error postfix-not-found: There is no Postfix on this host.*3\.10/);
  });

  it.each([
    ['3.7.11', /takes Postfix 3\.10 or later/],
    ['3.10.13', /built without TLSRPT/],
  ])('with a Postfix %s that cannot report', async (version, message) => {
    const host = new Host({ mainCf: [`mail_version = ${version}`] });
    host.set('unknown', ['smtp_tlsrpt_enable', 'smtp_tlsrpt_socket_name']);
    const { code, stderr } = await host.setup('--apply');
    expect(code).toBe(69);
    expect(stderr).toMatch(/error postfix-without-tlsrpt: /);
    expect(stderr).toMatch(message);
  });

  it('without the rights, says so, and goes on where it stopped once it has them', async () => {
    const host = new Host();
    host.lockMainCf();
    const { code, stdout, stderr } = await host.setup('--apply');
    expect(code).toBe(77);
    expect(stderr).toMatch(/error no-permission: .*Permission denied.*Run this as root/);
    expect(stdout).toContain('collect.socket_group');
    host.unlockMainCf();
    expect((await host.setup('--apply')).code).toBe(0);
    expect(host.mainCf()).toEqual([TLS, ...ON]);
    await host.setup('--remove');
    expect([host.mainCf(), host.files()]).toEqual([[TLS], []]);
  });

  it.each(['--apply', '--remove'])('with %s where others can write to the record, by which it goes', async (flag) => {
    const host = new Host();
    chmodSync(join(host.configuration, '..'), 0o777);
    const { code, stderr } = await host.setup(flag);
    expect(code).toBe(78);
    expect(stderr).toMatch(/postfix-setup\.json, and somebody else could write that: .*others can write to it/);
    expect(host.mainCf()).toEqual([TLS]);
  });

  it.each(['--apply', '--remove'])('with %s while somebody else is at it', async (flag) => {
    const host = new Host();
    if (flag === '--remove') await host.setup('--apply');
    const before = host.mainCf();
    lockFile(join(host.configuration, '../postfix-setup.json.lock'));
    expect(await host.setup(flag)).toMatchObject({ code: 75, stdout: '' });
    expect(host.mainCf()).toEqual(before);
  });

  it('with a record that is none', async () => {
    const host = new Host();
    writeFileSync(join(host.configuration, '../postfix-setup.json'), '{');
    const { code, stderr } = await host.setup('--remove');
    expect(code).toBe(78);
    expect(stderr).toContain('postfix-setup.json, which says what setup has changed, cannot be read');
  });
});
