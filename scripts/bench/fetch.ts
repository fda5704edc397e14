/**
 * How long it takes to fetch a day from 20 hosts with 20,000 domains each over SSH, and to build the reports, and how much memory.
 *
 * The built executable does it, against OpenSSH's sshd on this machine. The hosts' days are made of one that was collected.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { startSshd } from '#test/support/sshd.ts';
import { datagramOf } from './datagram-corpus.ts';
import { measureRun, shownRun } from './measured-run.ts';

interface Scenario {
  readonly name: string;
  /** What a host saw where a domain was collected. */
  readonly domainFor: (host: number, domain: string) => string;
}

const HOSTS = 20;
const DOMAINS = 20_000;
const SESSIONS = 40_000;
const FAILURES = 0.2;
const DAY = '2026-01-02' as UtcDay;

const scenarios: readonly Scenario[] = [
  { name: 'the same domains on each host', domainFor: (_, domain) => domain },
  {
    name: 'other domains on each host',
    domainFor: (host, domain) => `h${String(host)}.${domain}`,
  },
];

export async function benchFetch(filter: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tlsrpt-bench-'));
  const server = await startSshd({ directory: folder });
  try {
    const known = join(folder, 'known_hosts');
    writeFileSync(known, server.hostKeys.map((key) => `[127.0.0.1]:${String(server.port)} ${key}\n`).join(''));
    const ssh = ['--known-hosts', known, '--identity', server.identityFile, '--ssh-config', '/dev/null'];
    const collected = collectDay(join(folder, 'collected'));
    print(`${String(HOSTS)} hosts, ${String(DOMAINS)} domains and ${String(SESSIONS)} sessions on each`);
    for (const scenario of scenarios.filter(({ name }) => name.includes(filter))) {
      const root = mkdtempSync(join(folder, 'hosts-'));
      const paths = await makeHosts(root, collected, scenario);
      const sources = paths.map((path) => `sftp://${server.user}@127.0.0.1:${String(server.port)}${path}`);
      const state = ['--day', DAY, '--state-dir', join(root, 'reporter')];
      const fetched = await measureRun(['fetch', ...sources, ...ssh, ...state]);
      const built = await measureRun(['report', '--contact', 'tls@reporter.example', ...state]);
      print(`${scenario.name}: ${shownRun('fetched', fetched)}, ${shownRun('built', built)}`);
    }
  } finally {
    await server.kill();
    rmSync(folder, { recursive: true });
  }
}

/** Returns the state directory. */
function collectDay(state: string): string {
  const corpus = { domains: DOMAINS, failures: FAILURES };
  const lines = Array.from({ length: SESSIONS }, (_, index) => `${datagramOf(index, corpus).toString()}\n`).join('');
  const { status, stderr } = spawnSync('dist/tlsrpt', ['collect', '--stdin', '--day', DAY, '--state-dir', state], {
    input: lines,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return state;
}

async function makeHosts(root: string, collected: string, { domainFor }: Scenario): Promise<string[]> {
  const { sessions, fetched } = await Store.open(collected);
  return Array.from({ length: HOSTS }, (_, host) => {
    const origin = `host-${String(host)}`;
    const path = join(root, origin);
    const tallied = fetched.beginTallied(join(path, 'sessions', DAY), { day: DAY, origin });
    const reader = sessions.read(DAY);
    for (const tally of reader?.domainTallies() ?? []) tallied.add({ ...tally, domain: domainFor(host, tally.domain) });
    reader?.close();
    tallied.finish();
    return path;
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
