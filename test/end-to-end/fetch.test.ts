/**
 * The executable that brings the days of several hosts together, over OpenSSH's own server.
 */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDatagram } from '#test/support/datagrams.ts';
import { MailPlatform } from '#test/support/mail-platform.ts';
import { has } from '#test/support/real-parts.ts';
import { startRelay } from '#test/support/relay.ts';
import { EXECUTABLE } from '#test/support/run-tlsrpt.ts';
import type { SftpServer } from '#test/support/sftp-server.ts';
import { makeKeyPair } from '#test/support/ssh2-server.ts';
import { readSys4Domain, readSys4List, runFetcher, sys4Collect, sys4Database } from '#test/support/sys4.ts';

const FULL_DISK = fileURLToPath(new URL('../support/full-disk.cjs', import.meta.url));
const FAILED = [{ code: 201 }];
const HOSTS = ['mx1', 'mx2', 'mx3'];
/** What the three hosts saw together. */
const SUMS = { 'a.example': [3, 1], 'mx1.example': [1, 0], 'mx2.example': [1, 0], 'mx3.example': [1, 0] };

describe.runIf(has('sshd'))('tlsrpt fetch from sshd', { timeout: 120_000 }, () => {
  let platform: MailPlatform;
  let sshd: SftpServer;
  let sources: string[];

  beforeEach(async () => {
    platform = new MailPlatform();
    sshd = await platform.startServer();
    for (const host of HOSTS) await platform.collect(host, [{ domain: `${host}.example` }, { domain: 'a.example' }]);
    await platform.collect('mx3', [{ domain: 'a.example', failures: FAILED }]);
    sources = HOSTS.map((host) => platform.sourceOf(host));
  });

  afterEach(() => platform.stop());

  async function expectCompletion(): Promise<void> {
    expect(await platform.fetch(sources)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await platform.sums()).toEqual(SUMS);
  }

  it('makes one report of the days of three hosts, with the sums right', async () => {
    await expectCompletion();
    await expectCompletion();
  });

  it('says that a server was killed in mid-transfer, keeps the others, and completes the next time', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => ({
      domain: `d${String(index)}.example`,
      failures: FAILED,
    }));
    await platform.collect('mx2', many);
    const relay = await startRelay(sshd.port, { afterBytes: 100_000, onFault: () => void sshd.kill() });
    platform.onEnd(() => relay.stop());
    platform.configureSsh(sshd, { port: relay.port });
    const cut = await platform.fetch([platform.sourceOf('mx2')]);
    expect(cut).toMatchObject({ exitCode: 69, stderr: expect.stringContaining('source-unreachable') as string });
    await platform.startServer();
    expect(await platform.fetch(sources)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await platform.sums()).toMatchObject({ ...SUMS, 'd2999.example': [0, 1] });
  });

  it('refuses a host with another key, shows its fingerprint, and completes once it is known', async () => {
    platform.configureSsh(sshd, { hostKeys: [makeKeyPair('ed25519').public] });
    const { exitCode, stderr } = await platform.fetch(sources);
    expect(exitCode).toBe(69);
    expect(stderr).toMatch(/source-refused.*SHA256:[\w+/]{43}, is not the one it is known by.*ssh-keygen -R/);
    platform.configureSsh(sshd, { hostKeys: [] });
    expect((await platform.fetch(sources)).stderr).toMatch(/SHA256:[\w+/]{43}, is not known.*ssh-keyscan -p \d+ 127/);
    platform.configureSsh(sshd);
    await expectCompletion();
  });

  it('says that a key does not log in, and completes with the right one', async () => {
    const identityFile = join(platform.root, 'other_key');
    writeFileSync(identityFile, makeKeyPair('ed25519').private, { mode: 0o600 });
    platform.configureSsh(sshd, { identityFile });
    const { exitCode, stderr } = await platform.fetch(sources);
    expect([exitCode, stderr.includes(`does not let ${sshd.user} in with ${identityFile}`)]).toEqual([69, true]);
    platform.configureSsh(sshd);
    await expectCompletion();
  });

  it('says that the disk is full, keeps nothing by halves, and completes when there is room', async () => {
    const full = join(platform.root, 'full');
    const environment = {
      NODE_OPTIONS: `--require ${FULL_DISK}`,
      FULL_DIRECTORY: platform.state,
      FULL_FLAG: full,
      FULL_REFUSALS: join(platform.root, 'refusals'),
    };
    writeFileSync(full, '');
    expect(await platform.fetch(sources, { environment })).toMatchObject({
      exitCode: 73,
      stderr: expect.stringContaining('disk-full') as string,
    });
    rmSync(full);
    await expectCompletion();
  });

  it('does not merge a damaged file, and completes when it is mended', async () => {
    const sound = readFileSync(platform.dayFileOf('mx2'));
    truncateSync(platform.dayFileOf('mx2'), 9_000);
    expect(await platform.fetch(sources)).toMatchObject({
      exitCode: 65,
      stderr: expect.stringMatching(/^\S+ error fetched-file-damaged: .*mx2/) as string,
    });
    expect(Object.keys(await platform.sums('--without-missing'))).not.toContain('mx2.example');
    writeFileSync(platform.dayFileOf('mx2'), sound);
    await expectCompletion();
  });

  it('names a host that has vanished in status, holds the report back, and completes when it is there', async () => {
    await sshd.kill();
    const [mx1, mx2, mx3] = [platform.directoryOf('mx1'), platform.sourceOf('mx2'), platform.sourceOf('mx3')];
    sources = [mx1, mx2, mx3];
    expect(await platform.fetch(sources)).toMatchObject({ exitCode: 69 });
    const status = await platform.run(['status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ days: [{ day: platform.day, missing: [mx2, mx3] }] });
    const contact = ['--contact', 'tls@reporter.example'];
    const held = await platform.run(['report', '--day', platform.day, '--wait-for-missing', '30d', ...contact]);
    expect(held).toMatchObject({ exitCode: 75, stderr: expect.stringContaining(`hosts-missing: `) as string });
    expect(held.stderr).toContain(`${mx2}, ${mx3} are missing`);
    expect(await platform.sums('--without-missing')).toEqual({ 'a.example': [1, 0], 'mx1.example': [1, 0] });
    await platform.startServer();
    await expectCompletion();
  });

  it('is served by itself through ssh, with the sums right', async () => {
    const serve = (host: string): [string, ...string[]] => [
      ...(['ssh', '-F', platform.sshConfig, host, process.execPath, EXECUTABLE] as const),
      ...['fetch', '--serve', '--state-dir', platform.directoryOf(host)],
    ];
    expect(readSys4List(runFetcher(serve('mx1'), '1999-01-01'))).toEqual({
      latestCompleteDay: platform.day,
      domains: [],
    });
    expect(readSys4Domain(runFetcher(serve('mx3'), platform.day, 'a.example')).policies).toMatchObject([
      { count: { cntrtotal: 2, cntrfailure: 1 } },
    ]);
    sources = HOSTS.map((host) => serve(host).join(' '));
    await expectCompletion();
  });

  it("reads sys4's database over SFTP, with the sums right", async () => {
    const seen = [makeDatagram({ domain: 'a.example' }), makeDatagram({ domain: 'sys4.example', failures: FAILED })];
    const file = join(platform.makeFolder('sys4'), 'collectd.sqlite.yesterday');
    writeFileSync(file, await sys4Database(sys4Collect(seen), { day: platform.day }));
    expect(await platform.fetch([...sources, `sftp://mx4${file}`])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await platform.sums()).toEqual({ ...SUMS, 'a.example': [4, 1], 'sys4.example': [0, 1] });
  });
});
