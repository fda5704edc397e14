import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ServerSecrets } from '#adapters/http/web-server.ts';
import { SecretRenewal } from '#cli/wiring/secret-renewal.ts';
import { readServerSecrets } from '#cli/wiring/server-secrets.ts';
import type { Settings } from '#config/settings.ts';
import type { LogEvent } from '#events/event.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const [OLD, NEW] = ['the-token-of-before', 'the-token-of-today'];

describe('The renewal of secrets', () => {
  function start(): { write: (token: string) => void; look: (ms: number) => void; used: unknown[]; names: string[] } {
    const serveTokenFile = join(scratchDirectory(), 'token');
    const write = (token: string): void => {
      writeFileSync(serveTokenFile, token, { mode: 0o600 });
    };
    write(OLD);
    const [used, names]: [ServerSecrets['token'][], string[]] = [[], []];
    const invocation = {
      settings: { serveTokenFile } as Settings,
      environment: {},
      log: ({ name }: LogEvent) => names.push(name),
    };
    const read = (): ServerSecrets => readServerSecrets(invocation);
    const use = ({ token }: ServerSecrets): void => void used.push(token);
    const renewal = new SecretRenewal({ secrets: read(), read, use, log: invocation.log }, 0);
    return {
      write,
      look: (ms) => {
        renewal.look(ms);
      },
      used,
      names,
    };
  }

  it('gives the server what has changed, at a look every ten seconds', () => {
    const { write, look, used, names } = start();
    look(10_000);
    write(NEW);
    look(19_999);
    expect(used).toEqual([]);
    look(20_000);
    look(30_000);
    expect([used, names]).toEqual([[NEW], ['server-secrets-renewed']]);
  });

  it('leaves the server what it has while the new ones cannot be used, and says so once', () => {
    const { write, look, used, names } = start();
    write('short');
    for (const ms of [10_000, 20_000, 30_000]) look(ms);
    expect([used, names]).toEqual([[], ['server-secrets-not-renewed']]);
    write(NEW);
    look(40_000);
    expect([used, names.at(-1)]).toEqual([[NEW], 'server-secrets-renewed']);
  });
});
