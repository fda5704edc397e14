/**
 * A host that reports together with others: what it has of a day, and runs of the executable on it, over one OpenSearch.
 */
import { onTestFinished } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { linesOf, makeDatagram } from './datagrams.ts';
import { runTlsrpt, startTlsrpt } from './run-tlsrpt.ts';
import type { EndedRun, RunOptions, StartedRun } from './run-tlsrpt.ts';
import { scratchDirectory } from './scratch.ts';

export interface Surroundings {
  readonly day: UtcDay;
  readonly engine: string;
  readonly prefix: string;
}

export interface ReportWish extends RunOptions {
  /** Of the SMTP server; on this machine by default. */
  readonly smtp: number | string;
  readonly engine?: string;
  /** By default the one day that the hosts have. */
  readonly day?: string;
  readonly words?: readonly string[];
}

export class SharingHost {
  readonly state = scratchDirectory();
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** One session with each of the domains, which want their reports by mail. */
  collect(domains: readonly string[], day: string = this.#surroundings.day): Promise<EndedRun> {
    const datagrams = domains.map((domain) => makeDatagram({ domain, record: `v=TLSRPTv1;rua=mailto:tls@${domain}` }));
    return this.#run(['collect', '--stdin', '--day', day], { stdin: linesOf(datagrams) });
  }

  publish(): Promise<EndedRun> {
    return this.#run(['publish', ...this.#cluster()]);
  }

  fetch(): Promise<EndedRun> {
    const { day, engine, prefix } = this.#surroundings;
    return this.#run(['fetch', `opensearch+${engine}/${prefix}`, '--day', day]);
  }

  status(...words: readonly string[]): Promise<EndedRun> {
    return this.#run(['status', '--shared', ...this.#cluster(), ...words]);
  }

  /** As a host does that reports on its own. */
  reportAlone({ smtp }: Pick<ReportWish, 'smtp'>): Promise<EndedRun> {
    return this.#run(['report', '--day', this.#surroundings.day, ...sending(smtp)]);
  }

  startReport({ smtp, engine, day = this.#surroundings.day, words = [], ...options }: ReportWish): StartedRun {
    const run = startTlsrpt(
      [
        ...['report', '--day', day, ...sending(smtp), '--shared', '--cluster-lease', '6s'],
        ...[...this.#cluster(engine), ...words, '--state-dir', this.state],
      ],
      options,
    );
    onTestFinished(() => {
      run.kill('SIGKILL');
    });
    return run;
  }

  report(wish: ReportWish): Promise<EndedRun> {
    return this.startReport(wish).ended;
  }

  #cluster(engine = this.#surroundings.engine): string[] {
    return ['--cluster-url', engine, '--index-prefix', this.#surroundings.prefix];
  }

  #run(words: readonly string[], options: RunOptions = {}): Promise<EndedRun> {
    return runTlsrpt([...words, '--state-dir', this.state], options);
  }
}

function sending(smtp: number | string): string[] {
  const url = typeof smtp === 'string' ? smtp : `smtp://127.0.0.1:${String(smtp)}`;
  return ['--deliver', '--smtp', url, '--contact', 'tlsrpt@sender.example'];
}
