/**
 * Several mail hosts and one that reports for all of them, each with a state directory of its own, reached through an SSH server of this
 * machine under the aliases of an SSH configuration.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { previousDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import { systemClock } from '#support/clock.ts';
import { makeDatagram, linesOf } from './datagrams.ts';
import type { DatagramWish } from './datagrams.ts';
import { runTlsrpt } from './run-tlsrpt.ts';
import type { EndedRun, RunOptions } from './run-tlsrpt.ts';
import { scratchDirectory } from './scratch.ts';
import type { SftpServer } from './sftp-server.ts';
import { startSshd } from './sshd.ts';

export interface SshWish {
  readonly port?: number;
  readonly hostKeys?: readonly string[];
  readonly identityFile?: string;
}

interface JsonReport {
  readonly policyDomain: string;
  readonly report: {
    readonly policies: readonly {
      readonly summary: Readonly<Record<'total-successful-session-count' | 'total-failure-session-count', number>>;
    }[];
  };
}

export class MailPlatform {
  readonly root = scratchDirectory();
  readonly day = previousDay(utcDayOf(systemClock.nowMs()));
  readonly state = join(this.root, 'reporter');
  readonly sshConfig = join(this.root, 'ssh_config');
  readonly #ends: (() => Promise<void>)[] = [];

  async startServer(): Promise<SftpServer> {
    const server = await startSshd({ directory: mkdtempSync(join(this.root, 'sshd-')) });
    this.onEnd(() => server.kill());
    this.configureSsh(server);
    return server;
  }

  /** Leads every alias to a server. */
  configureSsh(server: SftpServer, wish: SshWish = {}): void {
    const { port, hostKeys, identityFile } = { ...server, ...wish };
    const knownHosts = join(this.root, 'known_hosts');
    writeFileSync(knownHosts, hostKeys.map((key) => `[127.0.0.1]:${String(port)} ${key}\n`).join(''));
    const lines = [
      'Host mx*',
      'HostName 127.0.0.1',
      `Port ${String(port)}`,
      `User ${server.user}`,
      `IdentityFile ${identityFile}`,
      `UserKnownHostsFile ${knownHosts}`,
      'GlobalKnownHostsFile none',
      'IdentitiesOnly yes',
      'BatchMode yes',
    ];
    writeFileSync(this.sshConfig, `${lines.join('\n  ')}\n`);
  }

  directoryOf(host: string): string {
    return join(this.root, host);
  }

  sourceOf(host: string): string {
    return `sftp://${host}${this.directoryOf(host)}`;
  }

  /** One session for each wish. */
  async collect(host: string, wishes: readonly DatagramWish[]): Promise<void> {
    const words = ['collect', '--stdin', '--day', this.day, '--state-dir', this.directoryOf(host)];
    const { exitCode, stderr } = await runTlsrpt(words, { stdin: linesOf(wishes.map(makeDatagram)) });
    if (exitCode !== 0) throw new Error(stderr);
  }

  dayFileOf(host: string): string {
    return join(this.directoryOf(host), 'sessions', `${this.day}.sqlite`);
  }

  /** A folder that is no state directory. */
  makeFolder(name: string): string {
    const folder = join(this.root, name);
    mkdirSync(folder);
    return folder;
  }

  run(words: readonly string[], options: RunOptions = {}): Promise<EndedRun> {
    return runTlsrpt([...words, '--state-dir', this.state], options);
  }

  fetch(sources: readonly string[], options: RunOptions = {}): Promise<EndedRun> {
    return this.run(['fetch', ...sources, '--day', this.day, '--ssh-config', this.sshConfig], options);
  }

  /** Successful and failed sessions by policy domain, in the reports that are built now. */
  async sums(...words: readonly string[]): Promise<Record<string, [successful: number, failed: number]>> {
    const run = await this.run(['report', '--day', this.day, '--json', '--contact', 'tls@reporter.example', ...words]);
    if (run.exitCode !== 0) throw new Error(run.stderr);
    const reports = JSON.parse(run.stdout) as JsonReport[];
    return Object.fromEntries(
      reports.map(({ policyDomain, report }) => [
        policyDomain,
        [
          report.policies.reduce((sum, { summary }) => sum + summary['total-successful-session-count'], 0),
          report.policies.reduce((sum, { summary }) => sum + summary['total-failure-session-count'], 0),
        ],
      ]),
    );
  }

  onEnd(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}
