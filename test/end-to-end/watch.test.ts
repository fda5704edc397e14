/**
 * Early warning as an operator meets it: the executable collects on a socket, and beside it another one watches.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { notifiedHost } from '#test/support/notified-host.ts';
import type { NotifiedHost } from '#test/support/notified-host.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { StartedRun } from '#test/support/run-tlsrpt.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { startSilentServer } from '#test/support/silent-server.ts';
import { until } from '#test/support/until.ts';
import { sessionDatagram } from '#test/support/watched-host.ts';

const OWN = ['ours.example', 'second.example'];
const EXPIRED = 204;

async function start(host: NotifiedHost, words: readonly string[], ready: string): Promise<StartedRun> {
  const run = startTlsrpt(['--config', host.configuration, ...words]);
  onTestFinished(() => {
    run.kill('SIGKILL');
  });
  await run.said(ready);
  return run;
}

function socketOf({ directory }: NotifiedHost): string {
  return join(directory, 'tlsrpt.sock');
}

async function collecting(): Promise<NotifiedHost> {
  const host = await notifiedHost();
  await start(host, ['collect', '--socket', socketOf(host)], 'collector-ready');
  return host;
}

function watching(host: NotifiedHost): Promise<StartedRun> {
  return start(host, ['watch', ...OWN.flatMap((domain) => ['--own-domain', domain])], 'watch-started');
}

function fail(host: NotifiedHost, domain: string): void {
  sendDatagrams(socketOf(host), [sessionDatagram({ domain, code: EXPIRED, reason: '\u202ebad\r\nBcc: x <!channel>' })]);
}

function subjectsOf({ mailServer }: NotifiedHost): string[] {
  return mailServer.mails.map(({ raw }) => /^Subject: (.*)$/m.exec(raw)?.[1]?.trim() ?? '');
}

describe('tlsrpt watch', { timeout: 120_000 }, () => {
  it('tells by mail, webhook and command within moments, and nothing twice after it was killed', async () => {
    const host = await collecting();
    const first = await watching(host);
    fail(host, 'ours.example');
    await until(() => host.mailServer.mails.length === 1 && host.webServer.requests.length === 1);
    await until(() => existsSync(host.toldToCommand) && readFileSync(host.toldToCommand, 'utf8').endsWith('}\n'));
    await until(() => first.stderr().split(' notice-told: ').length === 4);
    expect(first.stderr()).toContain('warning incident-begun: TLS failure at our domain ours.example');
    first.kill('SIGKILL');
    await first.ended;
    const second = await watching(host);
    fail(host, 'ours.example');
    fail(host, 'second.example');
    await until(() => host.mailServer.mails.length === 2 && host.webServer.requests.length === 2);
    await until(() => second.stderr().split(' notice-told: ').length === 4);
    second.kill('SIGTERM');
    expect(await second.ended).toMatchObject({ exitCode: 0 });
    expect(subjectsOf(host)).toEqual(OWN.map((domain) => `TLS failure at our domain ${domain}: certificate-expired`));
    const [body = ''] = host.webServer.requests.map(({ body }) => body.toString());
    expect(JSON.parse(body)).toMatchObject({
      kind: 'incident',
      change: 'begun',
      incident: 'own-domain',
      domain: 'ours.example',
    });
    expect(readFileSync(host.toldToCommand, 'utf8')).toBe(
      host.webServer.requests.map(({ body }) => body.toString()).join(''),
    );
    const [mail = ''] = host.mailServer.mails.map(({ raw }) => raw);
    expect(mail).toContain('reason "bad Bcc: x <!channel>"');
    expect(mail).not.toMatch(/^Bcc:/m);
    expect(mail).toContain('  $ tlsrpt check ours.example');
  });

  it('holds nothing up for a webhook that hangs, and tells by it once that works', async () => {
    const host = await collecting();
    const silent = await startSilentServer();
    onTestFinished(() => {
      silent.close();
    });
    const file = join(host.directory, 'webhook');
    const url = readFileSync(file, 'utf8');
    writeFileSync(file, url.replace(/:\d+/, `:${String(silent.port)}`));
    const first = await watching(host);
    for (const [index, domain] of OWN.entries()) {
      fail(host, domain);
      await until(() => host.mailServer.mails.length === index + 1);
    }
    first.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ exitCode: 0 });
    writeFileSync(file, url);
    const second = await watching(host);
    await until(() => second.stderr().split(' by the webhook at ').length === 3);
    expect([host.mailServer.mails.length, host.webServer.requests.length]).toEqual([2, 2]);
  });

  it('posts what chat programs take, with nothing of a stranger read as markup', async () => {
    const host = await collecting();
    writeFileSync(
      host.configuration,
      readFileSync(host.configuration, 'utf8').replace('[notify]', '[notify]\nwebhook_form = "slack"'),
    );
    await watching(host);
    fail(host, 'ours.example');
    await until(() => host.webServer.requests.length === 1);
    const posted = JSON.parse(host.webServer.requests[0]?.body.toString() ?? '') as {
      text: string;
      blocks: { text: { type: string } }[];
    };
    expect(posted.text).toBe('TLS failure at our domain ours.example: certificate-expired');
    expect(new Set(posted.blocks.map(({ text }) => text.type))).toEqual(new Set(['plain_text']));
  });

  it('is refused beside another one, and shows what it would have told of a day', async () => {
    const host = await collecting();
    const running = await watching(host);
    fail(host, 'ours.example');
    await running.said('incident-begun');
    const beside = await runTlsrpt(['--config', host.configuration, 'watch']);
    expect(beside.stderr).toContain('store-locked');
    const replay = ['--config', host.configuration, 'watch', '--replay', 'today', '--own-domain', 'ours.example'];
    const { stdout, exitCode } = await runTlsrpt(replay);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringContaining('TLS failure at our domain ours.example: certificate-expired.'),
    ]);
    const { stdout: json } = await runTlsrpt([...replay, '--json']);
    expect(JSON.parse(json)).toMatchObject({
      incidents: [{ incident: 'own-domain', domain: 'ours.example', failed: 1 }],
    });
  });
});

describe('tlsrpt run', { timeout: 120_000 }, () => {
  it('watches where watch.enabled is set', async () => {
    const host = await notifiedHost();
    const words = ['run', '--watch', '--own-domain', 'ours.example', '--socket', socketOf(host)];
    const run = await start(host, words, 'watch-started');
    await run.said('collector-ready');
    fail(host, 'ours.example');
    await until(() => host.mailServer.mails.length === 1);
    run.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ exitCode: 0 });
  });
});
