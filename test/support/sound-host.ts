/**
 * A host on which every link is sound, for one test: Postfix set up, a collector on its socket, a mail server and a name server on loopback.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Store } from '#store/store.ts';
import { MORNING_MS } from './collected-days.ts';
import { PostfixHost } from './postfix-host.ts';
import type { StartedRun } from './run-tlsrpt.ts';
import { startCollector } from './running-collector.ts';
import { scratchDirectory } from './scratch.ts';
import { startSmtpSink } from './smtp-sink.ts';
import type { SmtpSinkOptions } from './smtp-sink.ts';
import { startValidatingResolver } from './validating-resolver.ts';

export interface SoundHost {
  readonly stateDir: string;
  readonly postfix: PostfixHost;
  readonly collector: StartedRun;
}

export async function startSoundHost(): Promise<SoundHost> {
  const postfix = new PostfixHost({
    mainCf: [
      'smtp_tls_security_level = may',
      'smtp_tlsrpt_enable = yes',
      'smtp_tlsrpt_socket_name = run/tlsrpt/tlsrpt.sock',
    ],
  });
  const stateDir = join(scratchDirectory(), 'state');
  mkdirSync(join(postfix.queueDirectory(), 'run/tlsrpt'), { recursive: true, mode: 0o750 });
  const collector = await startCollector({ socket: socketOf(postfix), state: { path: stateDir } });
  const ended = new Date(MORNING_MS - 60_000).toISOString();
  const { runs } = await Store.open(stateDir);
  for (const command of ['report', 'send'] as const) runs.note(command, { started: ended, ended, exitCode: 0 });
  return { stateDir, postfix, collector };
}

function socketOf(postfix: PostfixHost): string {
  return join(postfix.queueDirectory(), 'run/tlsrpt/tlsrpt.sock');
}

/** It takes no mail (RFC 7505). */
const OUR_DOMAIN = { 'sender.example': { mx: ['.'] } };

export interface Outside {
  readonly mailServer?: SmtpSinkOptions;
  readonly names?: Parameters<typeof startValidatingResolver>[0] | undefined;
  /** Lines of `[send]`, besides those that say where the mail server is. */
  readonly send?: readonly string[];
}

/** A configuration file for that host and what is around it. */
export async function configurationFor(
  { postfix }: SoundHost,
  { mailServer, names = {}, send = [] }: Outside = {},
): Promise<string> {
  const [sink, resolver] = await Promise.all([
    startSmtpSink(mailServer),
    startValidatingResolver({ ...OUR_DOMAIN, ...names }),
  ]);
  onTestFinished(async () => {
    await Promise.all([sink.close(), resolver.close()]);
  });
  return [
    `dns_servers = ["${resolver.server}"]`,
    '[collect]',
    `socket = "${socketOf(postfix)}"`,
    `socket_group = "${execFileSync('id', ['-gn', 'postfix'], { encoding: 'utf8' }).trim()}"`,
    '[report]',
    'contact = "postmaster@sender.example"',
    '[send]',
    `smtp = "smtp://127.0.0.1:${String(sink.port)}"`,
    ...send,
    '',
  ].join('\n');
}
