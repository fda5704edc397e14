/**
 * `scripts/test-debian`: the package on a Debian 13 that is booted with its own systemd in namespaces, beside a real Postfix, from installation to
 * purge. All peers run in a network of their own, which no packet leaves.
 *
 * Prints each step. Ends with 0 only if every event that Postfix logged was counted, reported and delivered, and nothing was lost.
 */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import type { Site } from './broken/broken-setup.ts';
import { tryBrokenSetups } from './broken/try-broken-setups.ts';
import { consoleOf, Machine } from './machine.ts';
import { seeMistakesNamed } from './mistakes.ts';
import { startNetwork } from './network.ts';
import type { Network } from './network.ts';
import { AUTHORITY, preparePostfix, setUpPostfix } from './postfix.ts';
import { missingRequirements } from './requirements.ts';
import { copyOfDebian } from './root-directory.ts';
import {
  configure,
  install,
  lint,
  pointPostfixToSocket,
  say,
  seeEveryEventCounted,
  seeItComesBack,
  seeItIsConfined,
  seeItPurged,
  seeItRemoved,
  seeItRuns,
  seeItServes,
  seeManualAndCompletion,
  seeReportsDelivered,
  seeVolumePurged,
  setUpAnew,
  upgradeUnderLoad,
} from './steps.ts';

const LATER = '99.0.0';
const missing = missingRequirements();
if (missing.length > 0) {
  process.stderr.write(`scripts/test-debian needs what this machine does not have:\n  ${missing.join('\n  ')}\n`);
  process.exitCode = 69;
} else await testOnDebian();

async function testOnDebian(): Promise<void> {
  const [later, deb] = [packageOf(LATER), packageOf()];
  await step('lintian', () => lint(deb));
  const root = await step('a Debian 13', () => Promise.resolve(copyOfDebian()));
  try {
    const network = await startNetwork(`${root}${AUTHORITY}`);
    try {
      await testIn(new Machine(root, network.pid), network, { deb, later });
    } finally {
      network.close();
    }
  } finally {
    for (const path of [root, consoleOf(root)]) rmSync(path, { recursive: true, force: true });
  }
}

interface Packages {
  readonly deb: string;
  readonly later: string;
}

async function testIn(machine: Machine, network: Network, packages: Packages): Promise<void> {
  preparePostfix(machine);
  try {
    await machine.boot();
    await runSteps(machine, network, packages);
    say('everything that Postfix logged was counted, reported and delivered');
  } catch (error) {
    process.stderr.write(await journalOf(machine));
    throw error;
  } finally {
    await machine.stop();
  }
}

async function runSteps(machine: Machine, network: Network, { deb, later }: Packages): Promise<void> {
  await step('Postfix', () => setUpPostfix(machine));
  const site = { machine, network, ...newKey() };
  await step('installation', () => install(machine, deb));
  await step('configuration', () => configure(site));
  await step('units', () => seeItRuns(machine));
  await step('confinement', () => seeItIsConfined(machine));
  await step('metrics', () => seeItServes(machine));
  await step('manual and completion', () => seeManualAndCompletion(machine));
  await step('tlsrpt setup postfix, tlsrpt doctor', () => pointPostfixToSocket(site));
  await step('mails', () => seeEveryEventCounted(machine));
  await step('reports', () => seeReportsDelivered(machine, network));
  await step('mistaken users, missing Node.js', () => seeMistakesNamed(machine));
  const others = await step('upgrade under load', () => upgradeUnderLoad(machine, later));
  await step('reboot', () => seeItComesBack(machine, others));
  await step('broken set-ups', () => tryBrokenSetups(site, say));
  await step('setting up anew', () => setUpAnew(machine));
  await step('removal', () => seeItRemoved(machine));
  await step('purge', () => seeItPurged(machine));
  await step('purge of a volume', () => seeVolumePurged(machine, deb));
}

/** For DKIM, and what its owner has to put into DNS. */
function newKey(): Pick<Site, 'key' | 'texts'> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const published = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    texts: { 'test._domainkey.mail.example': [`v=DKIM1; k=rsa; p=${published}`] },
  };
}

/** Of the version in package.json unless another one is named. */
function packageOf(version?: string): string {
  const words = version === undefined ? [] : ['--version', version];
  execFileSync('npx', ['tsx', 'scripts/package/main.ts', ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
  const { version: own } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  return `dist/tlsrpt_${version ?? own}_all.deb`;
}

async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
  say(`== ${what}`);
  return act();
}

function journalOf(machine: Machine): Promise<string> {
  return machine
    .run('journalctl', '--no-pager', '--lines=120')
    .catch((error: unknown) => `no journal: ${String(error)}\n`);
}
