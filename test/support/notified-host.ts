/**
 * A host whose operator is told by mail, webhook and command, with a real server for each of the first two. Ends with its test.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startHttpsSink } from './https-sink.ts';
import type { HttpsSink } from './https-sink.ts';
import { scratchDirectory } from './scratch.ts';
import { startSmtpSink } from './smtp-sink.ts';
import type { SmtpSink } from './smtp-sink.ts';
import { makeTestCa } from './test-certificates.ts';

export interface NotifiedHost {
  readonly directory: string;
  /** The path of the configuration file. */
  readonly configuration: string;
  readonly mailServer: SmtpSink;
  readonly webServer: HttpsSink;
  /** What the command was given so far, in this file; its environment in the one with `.env` behind it. */
  readonly toldToCommand: string;
  /** What the web server answers from now on. */
  answer(status: number): void;
}

export async function notifiedHost(): Promise<NotifiedHost> {
  const directory = scratchDirectory();
  let status = 204;
  const authority = await makeTestCa();
  const { certPem: cert, keyPem: key } = await authority.issue({ names: ['localhost'] });
  const webServer = await startHttpsSink({ cert, key, respond: (_, response) => response.writeHead(status).end() });
  const mailServer = await startSmtpSink();
  onTestFinished(async () => {
    await Promise.all([mailServer.close(), webServer.close()]);
  });
  const paths = { command: join(directory, 'tell'), told: join(directory, 'told'), ca: join(directory, 'ca.pem') };
  const [webhook, configuration] = [join(directory, 'webhook'), join(directory, 'tlsrpt.toml')];
  writeFileSync(paths.ca, authority.caPem);
  writeFileSync(paths.command, `#!/bin/sh\ncat >> ${paths.told}\nenv > ${paths.told}.env\n`);
  chmodSync(paths.command, 0o755);
  writeFileSync(webhook, `https://localhost:${String(webServer.port)}/hooks/secret\n`, { mode: 0o600 });
  writeFileSync(
    configuration,
    `state_dir = "${join(directory, 'state')}"
[report]
contact = "postmaster@a.example"
[send]
smtp = "smtp://127.0.0.1:${String(mailServer.port)}"
https_ca = "${paths.ca}"
[notify]
mail = "admin@a.example"
webhook_file = "${webhook}"
command = "${paths.command} --json"
`,
  );
  const answer = (next: number): void => {
    status = next;
  };
  return { directory, configuration, mailServer, webServer, toldToCommand: paths.told, answer };
}
