/**
 * One OpenSearch for all tests of a file, started before them and stopped after them, and what they need to speak to it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { EngineClient } from '#adapters/opensearch/engine-client.ts';
import { startOpenSearch } from './opensearch.ts';
import type { OpenSearch } from './opensearch.ts';

/** To be called inside of `describe`; what it returns works inside of tests. */
export function runningOpenSearch(): () => OpenSearch {
  const directory = mkdtempSync(join(tmpdir(), 'tlsrpt-test-'));
  let engine: OpenSearch | undefined;
  beforeAll(async () => {
    engine = await startOpenSearch({ directory });
  });
  afterAll(async () => {
    await engine?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    if (!engine) throw new Error('OpenSearch has not been started');
    return engine;
  };
}

/** Closed when the test is over. */
export function engineClientFor(url: string): EngineClient {
  const client = new EngineClient({ url: new URL(url), userAgent: 'tlsrpt/test', timeoutMs: 60_000, attempts: 1 });
  onTestFinished(() => {
    client.close();
  });
  return client;
}
