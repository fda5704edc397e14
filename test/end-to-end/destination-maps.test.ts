/**
 * The destination maps as an administrator uses them: the executable, map files, a mail server and a directory.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink } from '#test/support/smtp-sink.ts';

const DAY = '2026-01-02';
const DATAGRAMS = [
  makeDatagram({ domain: 'normal.example', record: 'v=TLSRPTv1;rua=mailto:tls@normal.example' }),
  makeDatagram({ domain: 'moved.example', record: 'v=TLSRPTv1;rua=mailto:tls@old.example' }),
  makeDatagram({ domain: 'broken.example', record: 'v=TLSRPTv1;rua=nonsense' }),
  makeDatagram({ domain: 'quiet.example', record: 'v=TLSRPTv1;rua=mailto:tls@quiet.example' }),
  makeDatagram({ domain: 'sneaky.example', record: 'v=TLSRPTv1;rua=directory:/tmp' }),
];

interface Stage {
  readonly reports: string;
  readonly smtp: SmtpSink;
  readonly tlsrpt: (...words: readonly string[]) => Promise<EndedRun>;
}

async function collectedStage(): Promise<Stage> {
  const directory = scratchDirectory();
  const smtp = await startSmtpSink();
  onTestFinished(() => smtp.close());
  const [reports, configuration] = [join(directory, 'reports'), join(directory, 'tlsrpt.toml')];
  mkdirSync(reports);
  const files = {
    'record.map': ['quiet.example DISCARD', `broken.example REPLACE directory:${reports}`],
    'mail.map': [String.raw`old.example REGEXP (?P<user>.*)@old\.example \g<user>+moved@new.example`],
    'tlsrpt.toml': [
      `state_dir = "${directory}/state"`,
      '[report]',
      'contact = "tlsrpt@sender.example"',
      `record_map = "${directory}/record.map"`,
      `mail_map = "${directory}/mail.map"`,
      '[send]',
      `smtp = "smtp://127.0.0.1:${String(smtp.port)}"`,
    ],
  };
  for (const [name, lines] of Object.entries(files)) writeFileSync(join(directory, name), `${lines.join('\n')}\n`);
  const environment = { TLSRPT_CONFIG: configuration };
  await runTlsrpt(['collect', '--stdin', '--day', DAY], { stdin: linesOf(DATAGRAMS), environment });
  return { reports, smtp, tlsrpt: (...words) => runTlsrpt(words, { environment }) };
}

function documentIn(directory: string): unknown {
  const [name = ''] = readdirSync(directory);
  return JSON.parse(gunzipSync(readFileSync(join(directory, name))).toString('utf8'));
}

describe('tlsrpt report --deliver with destination maps', () => {
  it('sends reports where the maps want them, and nowhere else', async () => {
    const { tlsrpt, smtp, reports } = await collectedStage();
    const { exitCode, stdout, stderr } = await tlsrpt('report', '--day', DAY, '--deliver', '--log-level', 'info');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(smtp.mails.map(({ to }) => to[0]).sort()).toEqual(['tls+moved@new.example', 'tls@normal.example']);
    expect(readdirSync(reports)).toEqual([expect.stringMatching(/^sender\.example!broken\.example!.*\.json\.gz$/)]);
    expect(documentIn(reports)).toMatchObject({ policies: [{ policy: { 'policy-domain': 'broken.example' } }] });
    expect(stderr).toContain('info report-discarded: No report on quiet.example');
    expect(stderr).toContain('info no-reporting-address: No report on sneaky.example');
    expect(stderr).not.toContain('no-reporting-address: No report on broken.example');
  });

  it('keeps a directory that is not there yet for later', async () => {
    const { tlsrpt, reports } = await collectedStage();
    const maps = join(reports, 'map');
    writeFileSync(maps, `normal.example REPLACE directory:${reports}/later\n. DISCARD\n`);
    const words = ['--record-map', maps, '--day', DAY];
    expect(await tlsrpt('report', '--deliver', ...words)).toMatchObject({ exitCode: 75 });
    expect(existsSync(join(reports, 'later'))).toBe(false);
    mkdirSync(join(reports, 'later'));
    expect(await tlsrpt('send', '--now')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(documentIn(join(reports, 'later'))).toMatchObject({ 'contact-info': 'tlsrpt@sender.example' });
    expect(await tlsrpt('report', '--deliver', ...words)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readdirSync(join(reports, 'later'))).toHaveLength(1);
  });

  it('does what maptest says', async () => {
    const { tlsrpt, reports } = await collectedStage();
    const { exitCode, stdout } = await tlsrpt('maptest', 'broken.example', 'v=TLSRPTv1;rua=nonsense', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ destinations: [`directory:${reports}`] });
  });
});

describe('what tlsrpt import-config prints', () => {
  it('is a configuration for the executable, with the maps of before', async () => {
    const directory = scratchDirectory();
    const [foreign, own, map] = ['reportd.cfg', 'tlsrpt.toml', 'record.map'].map((name) => join(directory, name));
    writeFileSync(String(map), '. REPLACE mailto:tls@all.example\n');
    writeFileSync(String(foreign), `[tlsrpt_reportd]\ntlsrpt_record_map = ${String(map)}\nhttp_timeout = 60\n`);
    const { exitCode, stdout, stderr } = await runTlsrpt(['import-config', String(foreign)]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    writeFileSync(String(own), stdout);
    const tested = await runTlsrpt(['maptest', 'a.example', '', '--config', String(own)]);
    expect(tested).toMatchObject({ exitCode: 0, stderr: '' });
    expect(tested.stdout).toContain('mailto:tls@all.example');
  });
});
