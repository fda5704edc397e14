/**
 * Posts as Halon's script does, to a collector that listens on a port of its own choice.
 */
import { onTestFinished } from 'vitest';
import { startTlsrpt } from './run-tlsrpt.ts';
import type { RunOptions, StartedRun } from './run-tlsrpt.ts';

export const JSON_TYPE = 'application/json';
export const LINES_TYPE = 'application/x-ndjson';

export interface PostingCollector extends StartedRun {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
}

/** Without a unix socket. It is killed when the test ends. */
export async function startPostingCollector(
  statePath: string,
  words: readonly string[] = [],
  options?: RunOptions,
): Promise<PostingCollector> {
  const collector = startTlsrpt(
    ['collect', '--socket', 'none', '--http', '127.0.0.1:0', '--state-dir', statePath, ...words],
    options,
  );
  onTestFinished(() => {
    collector.kill('SIGKILL');
  });
  await collector.said('http-ready');
  const [url = ''] = /https?:\/\/127\.0\.0\.1:\d+/.exec(collector.stderr()) ?? [];
  return { ...collector, url };
}

export interface HalonWish {
  readonly domain: string;
  readonly timestampMs: number;
  readonly transaction: string;
  /** Of the failure; undefined for a success. */
  readonly failure?: string;
}

export function halonDocument({ domain, timestampMs, transaction, failure }: HalonWish): object {
  return {
    timestamp: timestampMs,
    transactionid: transaction,
    'policy-domain': domain,
    'policy-type': 'sts',
    'policy-string': ['version: STSv1', 'mode: enforce', `mx: *.${domain}`, 'max_age: 604800', ''],
    'mx-host': [`*.${domain}`],
    'result-type': failure ?? 'success',
    'receiving-mx-hostname': `mx.${domain}`,
    'receiving-ip': '198.51.100.7',
  };
}

export function bulkOf(documents: readonly object[]): string {
  return documents.map((document) => `{"index":{"_index":"tlsrpt"}}\n${JSON.stringify(document)}\n`).join('');
}

export function post(
  url: string,
  body: string,
  type = JSON_TYPE,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'Content-Type': type, ...headers } });
}
