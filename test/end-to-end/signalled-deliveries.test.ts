/**
 * Runs of send, two at once on days of their own, that are told to stop (SIGTERM) or killed (SIGKILL) again and again at random moments.
 *
 * Nothing is lost. What a run transmits that ends by itself or was told to stop is transmitted once. Of what one transmitted that was killed,
 * no more is transmitted again than it may have under way at once, and that is the same report under the same Message-ID. Each run writes mails
 * from an address of its own, so that the receiver knows whose a mail is, however late it comes. A seed decides all of it: `TLSRPT_SEED`
 * repeats one.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink, SunkMail } from '#test/support/smtp-sink.ts';
import { systemClock } from '#support/clock.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAYS = ['2026-01-02', '2026-01-03', '2026-01-04', '2026-01-05'] as UtcDay[];
const REPORTS_OF_A_DAY = 500;
const SIGNALS = 100;
const PARALLEL = 8;
const MOST_MS = 150_000;
const LONG_MS = 300_000;

type StopSignal = 'SIGTERM' | 'SIGKILL';

/** One that gets its signal when the receiver has taken so many mails of it. */
interface SignalledRun {
  readonly signal: StopSignal;
  readonly run: StartedRun;
  mailsLeft: number;
}

/** A mail that the receiver has taken. */
interface Receipt {
  /** Undefined for the last run, which nobody disturbs. */
  readonly by: SignalledRun | undefined;
  readonly raw: string;
}

class Play {
  /** By report-id, in the order in which they came. */
  readonly received = new Map<string, Receipt[]>();
  readonly runs: SignalledRun[] = [];
  readonly #random: SeededRandom;
  readonly #byAddress = new Map<string, SignalledRun>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Folded as composeReportMail does. */
  take({ from, raw }: SunkMail): void {
    const reportId = /\r\n Report-ID: <(.*)>\r\n/.exec(raw)?.[1] ?? '';
    const by = this.#byAddress.get(from);
    this.received.set(reportId, [...(this.received.get(reportId) ?? []), { by, raw }]);
    if (!by) return;
    by.mailsLeft -= 1;
    if (by.mailsLeft === 0) by.run.kill(by.signal);
  }

  /** Returns how many signals were sent. */
  async round(words: readonly string[]): Promise<number> {
    const first = this.#random.below(DAYS.length);
    const other = (first + 1 + this.#random.below(DAYS.length - 1)) % DAYS.length;
    const days = [DAYS[first], DAYS[other]] as UtcDay[];
    const runs = days.map((day) => this.#start(day, words));
    const ends = await Promise.all(runs.map(({ run }) => run.ended));
    ends.forEach(({ exitCode, signal, stderr }, index) => {
      if (signal === null && ![0, 75].includes(exitCode ?? -1)) throw new Error(`run ${String(index)}: ${stderr}`);
    });
    return runs.filter(({ mailsLeft }) => mailsLeft <= 0).length;
  }

  /** How many reports were transmitted again that a run had transmitted. */
  repeatsOf(run: SignalledRun): number {
    return [...this.received.values()].filter((receipts) => receipts.slice(0, -1).some(({ by }) => by === run)).length;
  }

  #start(day: UtcDay, words: readonly string[]): SignalledRun {
    const signal = this.#random.below(2) === 0 ? 'SIGTERM' : 'SIGKILL';
    const from = `run-${String(this.runs.length)}@sender.example`;
    const run = startTlsrpt([...words, '--day', day, '--from', from]);
    const signalled: SignalledRun = { signal, run, mailsLeft: 1 + this.#random.below(25) };
    this.runs.push(signalled);
    this.#byAddress.set(from, signalled);
    return signalled;
  }
}

/** How many reports may be transmitted again that a run transmitted. */
function mostRepeats({ signal, mailsLeft }: SignalledRun): number {
  return signal === 'SIGKILL' && mailsLeft <= 0 ? PARALLEL : 0;
}

/** By what a receiver knows a report. */
async function reportIn({ raw }: Receipt): Promise<unknown> {
  const { headers, fileName, document } = await readReportMail(raw);
  return { messageId: headers.get('message-id'), fileName, document };
}

async function fillOutboxes(store: Store): Promise<string[]> {
  const ids: string[] = [];
  for (const day of DAYS) {
    const outbox = store.outboxes.open(day);
    const reports = Array.from({ length: REPORTS_OF_A_DAY }, (_, index) => ({
      outgoing: reportWithId(`${day}.domain-${String(index)}.example.0123456789ab@sender.example`),
      destinations: [`mailto:tls@host-${String(index % 90)}.example`],
      dueMs: 0,
    }));
    outbox.save(reports);
    ids.push(...reports.map(({ outgoing }) => outgoing.reportId));
    outbox.close();
  }
  return Promise.resolve(ids);
}

function wordsFor(store: Store, { port }: SmtpSink): string[] {
  const words = ['send', '--now', '--contact', 'tlsrpt@sender.example', '--state-dir', store.path];
  return [...words, '--smtp', `smtp://127.0.0.1:${String(port)}`, '--parallel', String(PARALLEL)];
}

describe('2,000 deliveries, in runs that get 100 signals at random moments', () => {
  const seed = Number(process.env['TLSRPT_SEED'] ?? systemClock.nowMs() % 1_000_000);

  it(
    `lose nothing, and repeat only what was under way when a run was killed (seed ${String(seed)})`,
    async () => {
      const store = await Store.open(join(scratchDirectory(), 'state'));
      const ids = await fillOutboxes(store);
      const play = new Play(new SeededRandom(seed));
      const sink = await startSmtpSink({
        onData: (mail) => {
          play.take(mail);
          return undefined;
        },
      });
      const words = wordsFor(store, sink);
      const endMs = systemClock.steadyMs() + MOST_MS;
      for (let signals = 0; signals < SIGNALS && systemClock.steadyMs() < endMs;) {
        const sent = await play.round(words);
        if (sent === 0) break; // all is delivered
        signals += sent;
      }
      expect(await runTlsrpt(words)).toMatchObject({ exitCode: 0, stderr: '' });
      await sink.close();
      expect([...play.received.keys()].sort()).toEqual(ids.sort());
      for (const run of play.runs) expect(play.repeatsOf(run)).toBeLessThanOrEqual(mostRepeats(run));
      for (const [first, ...again] of play.received.values()) {
        const reports = await Promise.all(again.map(reportIn));
        for (const report of reports) expect(report).toEqual(first && (await reportIn(first)));
      }
      const states = DAYS.flatMap((day) => store.outboxes.read(day)?.deliveries.map(({ state }) => state));
      expect(new Set(states)).toEqual(new Set(['delivered']));
    },
    LONG_MS,
  );
});
