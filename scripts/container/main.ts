/**
 * `scripts/test-container`: the image of scripts/container/Containerfile, built on a Debian 13 with Node.js, in a network of its own.
 *
 * Ends with 0 only if the report on what was sent to the socket has arrived, and the container was healthy, ended in order within the ten seconds that
 * it has, let orphans go and kept its data.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '#support/clock.ts';
import { DatagramSender } from '#test/support/datagram-sender.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import { eventually } from '../debian/machine.ts';
import { CACHE, keptDebian } from '../debian/root-directory.ts';
import { missingCommands } from '../debian/requirements.ts';

const USER = 8460;
const [BASE, IMAGE, NAME] = [
  'localhost/tlsrpt-test-base',
  'localhost/tlsrpt-test',
  `tlsrpt-test-${String(process.pid)}`,
];
const PACKAGES = 'nodejs';
const SENT = 200;
const DAY_MS = 86_400_000;
/** Without the TLSRPT record, which is looked up. */
const DATAGRAM = Buffer.from(
  JSON.stringify({
    dpv: '1',
    d: 'receiver.example',
    policies: [{ 'policy-type': 9, 'policy-domain': 'receiver.example', 'failure-details': [], f: 0 }],
  }),
);
/** Nothing of the machine's own images and containers is touched. */
const STORAGE = ['--root', join(CACHE, 'containers'), '--runroot', '/run/tlsrpt-test-containers'];

const missing = missingCommands({
  buildah: 'buildah',
  podman: 'podman',
  crun: 'crun',
  debootstrap: 'debootstrap',
  ip: 'iproute2',
  unshare: 'util-linux',
});
if (missing.length > 0) {
  process.stderr.write(`scripts/test-container needs what this machine does not have:\n  ${missing.join('\n  ')}\n`);
  process.exitCode = 69;
} else await testContainer();

async function testContainer(): Promise<void> {
  say('== the image');
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
  importBase();
  const words = ['--format', 'docker', '--isolation', 'chroot', '--build-arg', `BASE=${BASE}`, '--tag', IMAGE];
  run('buildah', 'build', ...words, '--file', 'scripts/container/Containerfile', 'dist');
  const directory = mkdtempSync('/var/tmp/tlsrpt-');
  const network = await startNetwork();
  try {
    await testIn(directory, network);
    say('the report has arrived, and the container is as it should be');
  } catch (error) {
    process.stderr.write(ifPossible(() => podman('logs', NAME)));
    throw error;
  } finally {
    for (const words of [
      ['rm', '--force', '--volumes', NAME],
      ['volume', 'rm', '--force', NAME],
      ['rmi', IMAGE],
    ])
      ifPossible(() => podman(...words));
    network.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Once; it is kept beside the Debian that it was made of. */
function importBase(): void {
  const root = keptDebian('trixie-node', PACKAGES);
  if (ifPossible(() => podman('image', 'inspect', BASE)) !== '') return;
  const archive = join(CACHE, 'base.tar');
  execFileSync('tar', ['-C', root, '-cf', archive, '.']);
  podman('import', '--quiet', archive, BASE);
  rmSync(archive);
}

interface Network {
  readonly pid: number;
  readonly dns: string;
  readonly smtp: string;
  readonly mails: readonly { readonly to: readonly string[]; readonly raw: string }[];
  close(): void;
}

/** In a network namespace that ends with it. */
async function startNetwork(): Promise<Network> {
  const words = ['--net', process.execPath, '--import', 'tsx', 'scripts/container/peers.ts'];
  const child = spawn('unshare', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error('the network of the test has ended');
  const mails: Network['mails'][number][] = [];
  void (async () => {
    for await (const line of { [Symbol.asyncIterator]: () => lines })
      mails.push(JSON.parse(line) as Network['mails'][number]);
  })();
  const close = (): void => {
    child.stdin.end();
  };
  return { ...(JSON.parse(first.value) as Pick<Network, 'dns' | 'smtp'>), pid: Number(child.pid), mails, close };
}

/** The second start is at noon of the day after the first. */
async function testIn(directory: string, network: Network): Promise<void> {
  const [socketDirectory, testDirectory] = [join(directory, 'socket'), join(directory, 'test')];
  for (const path of [socketDirectory, testDirectory]) mkdirSync(path);
  chownSync(socketDirectory, USER, USER);
  copyFileSync('test/support/shifted-clock.cjs', join(testDirectory, 'clock.cjs'));
  setClock(testDirectory, -DAY_MS);
  say('== the first start');
  startFirst(network, { socketDirectory, testDirectory });
  await healthy();
  sendTo(join(socketDirectory, 'tlsrpt.sock'));
  await eventually('all that was sent is counted', () => counted() === SENT);
  say('== orphans');
  podman('exec', NAME, 'sh', '-c', 'sleep 0.1 &');
  await eventually('orphans are let go', () => childrenOf(pidOf()).length === 1);
  say('== stop, and a start on the day after');
  stopInOrder();
  setClock(testDirectory, 0);
  podman('start', NAME);
  await healthy();
  await eventually('the report has arrived', () => network.mails.length === 1);
  await seeReport(network);
  assert.equal(counted(), SENT, 'what was collected before the restart is there');
  await eventually('the report is noted as done', hasReported);
  await healthy();
  stopInOrder();
}

function startFirst(network: Network, { socketDirectory, testDirectory }: Record<string, string>): void {
  const settings = {
    TLSRPT_REPORT_CONTACT: 'tlsrpt@sender.example',
    TLSRPT_SEND_SMTP: network.smtp,
    TLSRPT_DNS_SERVERS: network.dns,
  };
  const clock = { NODE_OPTIONS: '--require /test/clock.cjs', CLOCK_SHIFT: '/test/shift' };
  const environment = Object.entries({ ...settings, ...clock }).map(([name, value]) => `--env=${name}=${value}`);
  podman(
    'run',
    '--detach',
    `--name=${NAME}`,
    `--network=ns:/proc/${String(network.pid)}/ns/net`,
    '--read-only',
    '--read-only-tmpfs=false',
    '--tmpfs=/tmp', // noexec, as Docker has it by default
    '--cap-drop=all',
    '--security-opt=no-new-privileges',
    '--runtime=crun',
    '--cgroups=disabled',
    ...['nofile', 'nproc'].map((limit) => `--ulimit=${limit}=1024:1024`), // the machine may not be allowed to raise its own
    '--health-interval=disable', // podman runs it by timers of systemd, which need not be there
    `--volume=${NAME}:/var/lib/tlsrpt`,
    `--volume=${String(socketDirectory)}:/run/tlsrpt`,
    `--volume=${String(testDirectory)}:/test:ro`,
    ...environment,
    IMAGE,
  );
}

/** For the container, in relation to the noon of today. */
function setClock(testDirectory: string, aheadMs: number): void {
  const nowMs = systemClock.nowMs();
  const noonMs = Math.floor(nowMs / DAY_MS) * DAY_MS + DAY_MS / 2;
  writeFileSync(join(testDirectory, 'shift'), String(noonMs + aheadMs - nowMs));
}

async function healthy(): Promise<void> {
  await eventually('it is healthy', () => {
    podman('healthcheck', 'run', NAME);
    return true;
  });
}

function sendTo(socket: string): void {
  const sender = new DatagramSender(socket);
  for (let count = 0; count < SENT;) if (sender.send(DATAGRAM) === 'sent') count += 1;
  sender.close();
}

function status(): string {
  return podman('exec', NAME, 'tlsrpt', 'status', '--json');
}

function counted(): number {
  const { days } = JSON.parse(status()) as { days: { collected: { datagrams: number } }[] };
  return days.reduce((sum, { collected }) => sum + collected.datagrams, 0);
}

function hasReported(): boolean {
  const { runs } = JSON.parse(status()) as { runs: { report: object | null } };
  return runs.report !== null;
}

async function seeReport({ mails: [mail] }: Network): Promise<void> {
  assert.deepEqual(mail?.to, ['reports@receiver.example']);
  const { document } = await readReportMail(mail.raw);
  const { policies } = document as { policies: { summary: Record<string, number> }[] };
  assert.equal(policies[0]?.summary['total-successful-session-count'], SENT);
}

/** podman kills what has not ended after ten seconds, which is another exit code. */
function stopInOrder(): void {
  podman('stop', '--time=10', NAME);
  assert.equal(podman('inspect', '--format={{.State.ExitCode}}', NAME).trim(), '0');
}

function pidOf(): string {
  return podman('inspect', '--format={{.State.Pid}}', NAME).trim();
}

function childrenOf(pid: string): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
}

function podman(...words: readonly string[]): string {
  return run('podman', ...words);
}

function run(command: string, ...words: readonly string[]): string {
  return execFileSync(command, [...STORAGE, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Empty when it is not. */
function ifPossible(act: () => string): string {
  try {
    return act();
  } catch {
    return '';
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
