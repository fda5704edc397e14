/**
 * A real OpenSearch on free ports of 127.0.0.1: one process for each node, so that one of them can be killed.
 *
 * `scripts/fetch-opensearch` brings it. Only processes that were started here are ever killed.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, killFamily } from './server-processes.ts';

const POM = fileURLToPath(new URL('opensearch/pom.xml', import.meta.url));
const NODE = fileURLToPath(new URL('opensearch/Node.java', import.meta.url));
const MEMORY = ['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC'];
const SHORT_LIVED = ['-XX:TieredStopAtLevel=1', '--add-opens', 'java.base/java.lang=ALL-UNNAMED'];
const LOOKS = 3_000;
const BETWEEN_LOOKS_MS = 100;

export interface OpenSearch {
  /** Of each node, in their order, such as `http://127.0.0.1:9200`. */
  readonly urls: readonly [string, ...string[]];
  /** By which it can be started again. */
  readonly ports: readonly string[];
  /** JSON from the first node, or from another one. */
  ask(method: string, path: string, body?: object, url?: string): Promise<unknown>;
  kill(node: number): Promise<void>;
  stop(): Promise<void>;
}

/** The folder of its jars, whether or not it is there. Keep in step with scripts/fetch-opensearch. */
function openSearchJars(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? '';
  const digest = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12);
  return join(cache === '' ? join(homedir(), '.cache') : cache, 'tlsrpt-test', `opensearch-${digest}`);
}

export function hasOpenSearch(): boolean {
  const folders = (process.env['PATH'] ?? '').split(':');
  return folders.some((folder) => existsSync(join(folder, 'javac'))) && existsSync(openSearchJars());
}

export interface OpenSearchWish {
  /** Of its own, and there already. */
  readonly directory: string;
  readonly nodes?: number;
  /** To begin again after a stop, with what it had stored. */
  readonly ports?: readonly string[];
}

export async function startOpenSearch({ directory, nodes = 1, ports }: OpenSearchWish): Promise<OpenSearch> {
  const onPorts = ports ?? (await freePorts(nodes));
  const started = onPorts.map((_, number) => startNode(number, directory, onPorts));
  const [first = '', ...others] = onPorts.map((pair) => `http://127.0.0.1:${pair.split(':')[0] ?? ''}`);
  const server: OpenSearch = {
    urls: [first, ...others],
    ports: onPorts,
    ask: async (method, path, body, url = first) => {
      const content = body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
      const response = await fetch(`${url}${path}`, { method, ...content });
      return response.json();
    },
    kill: (node) => killFamily(nodeOf(started, node)),
    stop: async () => {
      await Promise.all(started.map(killFamily));
    },
  };
  try {
    await untilUp(server, started);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function freePorts(nodes: number): Promise<string[]> {
  const ports = await Promise.all(Array.from({ length: 2 * nodes }, freePort));
  return Array.from({ length: nodes }, (_, node) => `${String(ports[2 * node])}:${String(ports[2 * node + 1])}`);
}

function startNode(number: number, directory: string, ports: readonly string[]): ChildProcess {
  const words = [String(number), join(directory, `node-${String(number)}`), ...ports];
  const java = [...MEMORY, ...SHORT_LIVED, '-cp', join(openSearchJars(), '*'), NODE, ...words];
  return spawn('java', java, { cwd: directory, stdio: ['pipe', 'ignore', 'ignore'] });
}

function nodeOf(started: readonly ChildProcess[], node: number): ChildProcess {
  const child = started[node];
  if (!child) throw new Error(`there is no node ${String(node)}`);
  return child;
}

async function untilUp(server: OpenSearch, started: readonly ChildProcess[]): Promise<void> {
  const health = `/_cluster/health?wait_for_nodes=${String(server.urls.length)}&wait_for_no_initializing_shards=true&timeout=1s`;
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const ended = started.find(({ exitCode }) => exitCode !== null);
    if (ended) throw new Error(`a node of OpenSearch ended with ${String(ended.exitCode)}`);
    const answer = await server.ask('GET', health).catch(() => ({}));
    if ((answer as { timed_out?: boolean }).timed_out === false) return;
    await sleep(BETWEEN_LOOKS_MS);
  }
  throw new Error('OpenSearch does not start');
}
