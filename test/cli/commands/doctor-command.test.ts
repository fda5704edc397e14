import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { PostfixHost } from '#test/support/postfix-host.ts';
import { startCollector } from '#test/support/running-collector.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { startSilentServer } from '#test/support/silent-server.ts';
import { startValidatingResolver } from '#test/support/validating-resolver.ts';

interface Shown {
  readonly findings: readonly {
    readonly grade: string;
    readonly check: string;
    readonly what: string;
    readonly fix?: string;
  }[];
}

/** A mail server that is not there, and a name server that knows no name: nothing leaves this machine. */
async function outsideWorld(reporting: string): Promise<string> {
  const absent = await startSilentServer();
  absent.close();
  const names = await startValidatingResolver({});
  onTestFinished(() => names.close());
  return `dns_servers = ["${names.server}"]\n[report]\n${reporting}\n[send]\nsmtp = "smtp://127.0.0.1:${String(absent.port)}"\n`;
}

async function findings(words: readonly string[] = [], stateDir?: string): Promise<{ code: number; lines: string[] }> {
  const { code, stdout } = await run(['doctor', '--json', ...words], {
    configuration: await outsideWorld('contact = "postmaster@sender.example"'),
    ...(stateDir === undefined ? {} : { stateDir }),
  });
  const shown = JSON.parse(stdout) as Shown;
  return { code, lines: shown.findings.map(({ grade, check, what }) => `${grade} ${check}: ${what}`) };
}

describe('tlsrpt doctor', () => {
  it('finds each change that setup would make, and says nothing more of a socket whose directory is missing', async () => {
    const host = new PostfixHost({ mainCf: ['smtp_tls_security_level = may'] });
    const socket = join(host.queueDirectory(), 'run/tlsrpt/tlsrpt.sock');
    const { code, lines } = await findings(['--socket', socket]);
    expect(code).toBe(78);
    expect(lines).toContain(
      `broken postfix: Not set up: postconf -c ${host.primary} -e smtp_tlsrpt_enable=yes   # was: not set in main.cf`,
    );
    expect(lines.filter((line) => line.includes(' socket: '))).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^broken collector: No collector runs/));
  });

  it('says what an unknown Postfix cannot do, and goes on', async () => {
    new PostfixHost().set('unknown', ['smtp_tlsrpt_enable']);
    const { lines } = await findings();
    expect(lines).toContainEqual(expect.stringMatching(/^broken postfix: Postfix 3\.10\.13 was built without TLSRPT/));
    expect(lines).toContainEqual(expect.stringMatching(/^ok configuration: /));
  });

  it('is content with a host that reports what others collect', async () => {
    vi.stubEnv('PATH', `${scratchDirectory()}:/bin:/usr/bin`);
    const { lines } = await findings();
    vi.unstubAllEnvs();
    expect(lines.filter((line) => /^broken (postfix|socket|collector)/.test(line))).toEqual([]);
  });

  it('sends a test datagram itself where a collector runs and the MTA is elsewhere', async () => {
    const folder = scratchDirectory();
    const place = { socket: join(folder, 's'), state: { path: join(folder, 'state') } };
    const collector = await startCollector(place);
    vi.stubEnv('PATH', `${scratchDirectory()}:/bin`);
    const { lines } = await findings(['--socket', place.socket], place.state.path);
    expect(lines).toContain(`ok probe: A test datagram to ${place.socket} has come, and is not counted.`);
    expect(lines).toContainEqual(expect.stringMatching(/^ok collector: The collector runs/));
    const elsewhere = await findings(['--socket', join(folder, 'other')], place.state.path);
    expect(elsewhere.lines).toContain(
      `broken probe: A test datagram to ${join(folder, 'other')} cannot be sent: ENOENT.`,
    );
    vi.unstubAllEnvs();
    collector.kill('SIGTERM');
    expect(await collector.ended).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/Stored all of 0 datagrams/) as string,
    });
  });

  it('finds a destination map that has a mistake', async () => {
    const map = join(scratchDirectory(), 'map');
    writeFileSync(map, 'a.example NOTHING\n');
    new PostfixHost();
    const stateDir = scratchDirectory();
    const { code, stdout } = await run(['doctor'], {
      stateDir,
      configuration: await outsideWorld(`record_map = ${JSON.stringify(map)}`),
    });
    expect(code).toBe(78);
    expect(stdout).toMatch(/^broken {3}configuration: .*map:1/m);
    expect(stdout).toMatch(/^ {9}fix: change what is named there/m);
  });

  it('finds an address for posted sessions on which nobody listens', async () => {
    vi.stubEnv('PATH', `${scratchDirectory()}:/bin:/usr/bin`);
    const configuration = await outsideWorld(
      'contact = "postmaster@sender.example"\n[collect]\nsocket = "none"\nhttp = ["127.0.0.1:1"]',
    );
    const { stdout } = await run(['doctor', '--json'], { configuration });
    expect((JSON.parse(stdout) as Shown).findings).toContainEqual(
      expect.objectContaining({
        grade: 'broken',
        check: 'http',
        what: 'Sessions cannot be posted to 127.0.0.1:1: ECONNREFUSED.',
      }),
    );
  });

  it('says of settings that cannot be used what is wrong, also to programs', async () => {
    new PostfixHost();
    const { code, stdout } = await run(['doctor', '--json'], { configuration: '[send]\nsmtpp = "x"\n' });
    expect(code).toBe(78);
    expect(JSON.parse(stdout)).toEqual({
      findings: [
        {
          grade: 'broken',
          check: 'configuration',
          what: expect.stringContaining('smtpp') as string,
          fix: expect.stringContaining('docs/configuration.md') as string,
        },
      ],
    });
  });

  it('finds that nothing can be stored without an identity', async () => {
    new PostfixHost();
    const stateDir = scratchDirectory();
    writeFileSync(join(stateDir, 'identity'), '');
    const { code, lines } = await findings([], stateDir);
    expect(code).toBe(78);
    expect(lines).toContainEqual(expect.stringMatching(/^broken state-directory: .*identity is damaged/));
  });

  it('finds that there is no state directory', async () => {
    new PostfixHost();
    const { code, lines } = await findings([], join(scratchDirectory(), 'none'));
    expect(code).toBe(78);
    expect(lines).toContainEqual(expect.stringMatching(/^broken activity: There is no state directory/));
  });
});
