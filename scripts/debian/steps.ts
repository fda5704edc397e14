/**
 * What the test does with the machine, one step after the other, each with what must be true afterwards.
 */
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportDocument } from '#tlsrpt/report-json.ts';
import { DatagramSender } from '#test/support/datagram-sender.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import type { Site } from './broken/broken-setup.ts';
import { seeNothingWrong, wrongsFound } from './broken/try-broken-setups.ts';
import { datagrams, outcomesIn, seeEverythingCounted } from './collected.ts';
import { eventually } from './machine.ts';
import type { Machine } from './machine.ts';
import type { Network } from './network.ts';
import { complaints, loggedOutcomes, sendMails, tlsrptSettings } from './postfix.ts';
import { REPORTS_TO } from './receivers.ts';
import { setTimers } from './timers.ts';

const SOCKET = '/var/spool/postfix/run/tlsrpt/tlsrpt.sock';
const ENABLED = ['tlsrpt.socket', 'tlsrpt.service', 'tlsrpt-report.timer', 'tlsrpt-send.timer'];
const SERVICES = [
  'tlsrpt.service',
  'tlsrpt-report.service',
  'tlsrpt-send.service',
  'tlsrpt-fetch.service',
  'tlsrpt-serve.service',
  'tlsrpt-publish.service',
  'tlsrpt-watch.service',
];
const MOST_EXPOSURE = 2;
const MOST_COMMANDS = 5;
const SOON = '*:*:0/2';
const DAY_MS = 86_400_000;
const CLOCK = '/usr/local/lib/tlsrpt-test';
/** As many as a busy Postfix has processes that deliver; what each may have in the queue is bounded by the system. */
const SENDERS = 20;
const BETWEEN_SENDS_MS = 100;

export async function install(machine: Machine, deb: string): Promise<void> {
  machine.write(`/root/${basename(deb)}`, readFileSync(deb));
  await machine.type(`apt-get install --yes --quiet /root/${basename(deb)}`);
}

/** What is enabled runs, is kept from what it does not need, and belongs to those that it should. */
export async function seeItRuns(machine: Machine): Promise<void> {
  for (const unit of ENABLED) {
    assert.equal((await machine.run('systemctl', 'is-enabled', unit)).trim(), 'enabled', unit);
    await eventually(
      `${unit} is active`,
      async () => (await machine.run('systemctl', 'is-active', unit)).trim() === 'active',
    );
  }
  const owners = await machine.run(
    'stat',
    '--format=%n %U:%G %a',
    SOCKET,
    '/var/spool/postfix/run/tlsrpt',
    '/var/lib/tlsrpt',
  );
  assert.deepEqual(owners.trim().split('\n'), [
    `${SOCKET} tlsrpt:postfix 660`,
    '/var/spool/postfix/run/tlsrpt root:postfix 751',
    '/var/lib/tlsrpt tlsrpt:tlsrpt 700',
  ]);
}

export async function seeItIsConfined(machine: Machine): Promise<void> {
  assert.equal(
    await machine.shell('systemd-analyze verify /usr/lib/systemd/system/tlsrpt*.service 2>&1'),
    '',
    'systemd knows every line',
  );
  for (const service of SERVICES) {
    const report = await machine.run('systemd-analyze', 'security', '--no-pager', service);
    const exposure = Number(/Overall exposure level for [^:]+: ([\d.]+)/.exec(report)?.[1]);
    say(`  ${service}: ${String(exposure)}`);
    assert.ok(exposure <= MOST_EXPOSURE, `${service} has an exposure of ${String(exposure)}:\n${report}`);
  }
}

/** As the administrator would have it: nothing but the unit to be enabled. */
export async function seeItServes(machine: Machine): Promise<void> {
  await machine.run('systemctl', 'enable', '--now', 'tlsrpt-serve.service');
  const ask =
    "fetch('http://127.0.0.1:9180/metrics').then((answer) => answer.text()).then((text) => console.log(text))";
  const text = await machine.run('node', '-e', ask);
  assert.match(text, /^tlsrpt_collector_running 1$/m);
  assert.match(text, /^tlsrpt_scrape_problem\{problem="failed"\} 0$/m);
  await machine.run('systemctl', 'disable', '--now', 'tlsrpt-serve.service');
}

export async function seeManualAndCompletion(machine: Machine): Promise<void> {
  for (const page of ['tlsrpt', 'tlsrpt-report', 'tlsrpt.toml'])
    assert.match(await machine.run('man', '--warnings', page), /tlsrpt/i, page);
  const bash = `. /usr/share/bash-completion/completions/tlsrpt; COMP_WORDS=(tlsrpt report --de); COMP_CWORD=2; _tlsrpt; echo "\${COMPREPLY[@]}"`;
  assert.match(await machine.run('bash', '-c', bash), /--deliver/);
  assert.match(await machine.run('fish', '-c', 'complete -C "tlsrpt report --de"'), /--deliver/);
  const zsh =
    'autoload -U compinit && compinit -u && [[ $_comps[tlsrpt] == _tlsrpt ]] && autoload +X _tlsrpt && zsh -n $functions_source[_tlsrpt]';
  await machine.run('zsh', '-c', zsh);
  assert.match(await machine.run('tlsrpt', '--licenses'), /yargs/);
}

/** What is wrong then is left to whoever owns the DNS of the domain; once that is done, nothing is wrong. */
export async function pointPostfixToSocket(site: Site): Promise<void> {
  const { machine } = site;
  await machine.type('tlsrpt setup postfix --apply');
  assert.deepEqual(await tlsrptSettings(machine), [
    'smtp_tlsrpt_enable = yes',
    'smtp_tlsrpt_socket_name = run/tlsrpt/tlsrpt.sock',
  ]);
  assert.match(await machine.run('tlsrpt', 'setup', 'postfix', '--apply'), /Nothing has to be changed/);
  say(await machine.type('tlsrpt doctor || [ $? = 78 ]'));
  assert.ok(machine.typed.length <= MOST_COMMANDS, `more was typed: ${machine.typed.join('; ')}`);
  say(`  ${machine.typed.join('\n  ')}`);
  const wrongs = await wrongsFound(site);
  assert.deepEqual(
    wrongs.map(({ check }) => check),
    ['dkim'],
    'the DKIM key is not in DNS',
  );
  await site.network.letDns({ texts: site.texts });
  await seeNothingWrong(site, 'once the DKIM key is in DNS');
}

export async function seeEveryEventCounted(machine: Machine): Promise<void> {
  await sendMails(machine);
  const events = await seeEverythingCounted(machine);
  assert.deepEqual(await complaints(machine), []);
  say(`  ${String(events)} events logged by Postfix, ${String(events)} counted`);
}

/** As the file and README.Debian say: a contact, and a key that only the services are given. */
export async function configure({ machine, key }: Site): Promise<void> {
  machine.write('/root/dkim.pem', key);
  await machine.type('install -m 0600 -D /root/dkim.pem /etc/credstore/tlsrpt.dkim-test');
  const settings = ['contact = "tls-reports@mail.example"', 'dkim_keys = ["test"]'];
  const edits = settings.map((line) => `-e 's/^#${line.split(' ')[0] ?? ''} = .*/${line}/'`);
  await machine.type(`sed -i ${edits.join(' ')} /etc/tlsrpt/tlsrpt.toml`);
}

/** The timer fires by itself; its service runs with the clock of tomorrow, so that today is over. Its reports go out through Postfix. */
export async function seeReportsDelivered(machine: Machine, { mails }: Network): Promise<void> {
  const expected = await loggedOutcomes(machine);
  machine.write(`${CLOCK}/clock.cjs`, readFileSync('test/support/shifted-clock.cjs'));
  machine.write(`${CLOCK}/shift`, String(DAY_MS));
  const clock = `Environment="NODE_OPTIONS=--require ${CLOCK}/clock.cjs" CLOCK_SHIFT=${CLOCK}/shift`;
  machine.write('/etc/systemd/system/tlsrpt-report.service.d/tomorrow.conf', `[Service]\n${clock}\n`);
  await setTimers(machine, ['report'], SOON);
  await eventually('every report has arrived', () => mails.filter(isReport).length >= expected.size);
  await machine.run('rm', '-r', '/etc/systemd/system/tlsrpt-report.service.d');
  await setTimers(machine, ['report']);
  const reported = new Map<string, unknown>();
  for (const { raw } of mails.filter(isReport)) {
    const { headers, document } = await readReportMail(raw);
    assert.match(
      headers.get('dkim-signature') ?? '',
      /d=mail\.example; s=test;/,
      'it is signed with the key of the credential',
    );
    reported.set(headers.get('tls-report-domain') ?? '', outcomesIn(document as ReportDocument));
  }
  assert.deepEqual(new Map([...reported].sort()), new Map([...expected].sort()), 'the reports say what Postfix logged');
  for (const [domain, { successful, failed }] of expected)
    say(`  ${domain}: ${String(successful)} successful, ${String(failed)} failed`);
}

function isReport({ to }: Network['mails'][number]): boolean {
  return to.includes(REPORTS_TO);
}

/** Datagrams are sent all the while, and none of them is lost or refused. Returns how many were sent. */
export async function upgradeUnderLoad(machine: Machine, deb: string): Promise<number> {
  const before = await datagrams(machine);
  const senders = Array.from({ length: SENDERS }, () => new DatagramSender(machine.path(SOCKET)));
  const datagram = makeDatagram({ domain: 'load.example' });
  const upgrade = { isOver: false };
  const upgraded = install(machine, deb).finally(() => {
    upgrade.isOver = true;
  });
  let sent = 0;
  while (!upgrade.isOver) {
    for (const sender of senders)
      assert.equal(sender.send(datagram), 'sent', 'the socket takes everything all the while');
    sent += SENDERS;
    await sleep(BETWEEN_SENDS_MS);
  }
  await upgraded;
  for (const sender of senders) sender.close();
  await eventually('all of them are counted', async () => (await datagrams(machine)) >= before + sent);
  assert.equal(await datagrams(machine), before + sent);
  say(`  ${String(sent)} datagrams sent meanwhile, ${String(sent)} counted`);
  return sent;
}

export async function seeItComesBack(machine: Machine, others: number): Promise<void> {
  await machine.reboot();
  await seeItRuns(machine);
  await sendMails(machine);
  await seeEverythingCounted(machine, others);
}

/** What was broken and set up again left its traces in what `setup` knows of the time before it. */
export async function setUpAnew(machine: Machine): Promise<void> {
  await machine.run('tlsrpt', 'setup', 'postfix', '--remove');
  await machine.run('postconf', '-X', 'smtp_tlsrpt_enable', 'smtp_tlsrpt_socket_name');
  await machine.run('tlsrpt', 'setup', 'postfix', '--apply');
}

export async function seeItRemoved(machine: Machine): Promise<void> {
  await machine.run('apt-get', 'remove', '--yes', '--quiet', 'tlsrpt');
  assert.deepEqual(await tlsrptSettings(machine), [], 'Postfix is as it was');
  for (const unit of ENABLED) await assert.rejects(machine.run('systemctl', 'is-active', unit), unit);
  assert.equal(existsSync(machine.path(SOCKET)), false, 'the socket is gone');
  assert.equal(existsSync(machine.path('/var/lib/tlsrpt/identity')), true, 'what was collected stays');
  assert.equal(existsSync(machine.path('/etc/tlsrpt/tlsrpt.toml')), true, 'the configuration stays');
}

export async function seeItPurged(machine: Machine): Promise<void> {
  await machine.run('apt-get', 'purge', '--yes', '--quiet', 'tlsrpt');
  for (const path of ['/var/lib/tlsrpt', '/etc/tlsrpt', '/var/spool/postfix/run/tlsrpt'])
    assert.equal(existsSync(machine.path(path)), false, `${path} is gone`);
  assert.equal(await machine.shell('ls /etc/systemd/system/*.wants | grep tlsrpt || true'), '', 'no unit is enabled');
}

/** A state directory that is a volume of its own is emptied, and a mistake in the settings keeps nothing of Postfix from being undone. */
export async function seeVolumePurged(machine: Machine, deb: string): Promise<void> {
  await machine.shell('mkdir /var/lib/tlsrpt && mount -t tmpfs tmpfs /var/lib/tlsrpt');
  await install(machine, deb);
  await machine.run('tlsrpt', 'setup', 'postfix', '--apply');
  await machine.shell("echo 'contact = [' >>/etc/tlsrpt/tlsrpt.toml");
  await machine.run('apt-get', 'purge', '--yes', '--quiet', 'tlsrpt');
  assert.deepEqual(await tlsrptSettings(machine), [], 'Postfix is as it was');
  assert.equal(await machine.run('ls', '-A', '/var/lib/tlsrpt'), '', 'the volume is empty');
}

/** Without what is printed nobody knows what was tested. */
export function lint(deb: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('lintian', ['--fail-on', 'error', deb], (error, stdout) => {
      say(stdout.trimEnd() === '' ? '  no remark' : stdout.trimEnd());
      if (error) reject(new Error(`lintian has found errors in ${deb}`));
      else resolve();
    });
  });
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
