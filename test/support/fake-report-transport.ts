/**
 * A ReportTransport without a technology: it answers as a test wants, and remembers what it was asked to deliver.
 */
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';

export type Answer = (report: OutgoingReport, to: Destination) => DeliveryOutcome | Promise<DeliveryOutcome>;

export class FakeReportTransport implements ReportTransport {
  /** URI and report-id of each attempt, in their order. */
  readonly attempts: (readonly [uri: string, reportId: string])[] = [];
  /** The token that each attempt had, in their order. */
  readonly tokens: (string | undefined)[] = [];
  /** The report-ids that were delivered. */
  readonly accepted: string[] = [];
  /** The most attempts that were ever under way at once. */
  mostAtOnce = 0;
  #underWay = 0;
  readonly #answer: Answer;

  constructor(answer: Answer = () => ({ kind: 'delivered', reply: '250 Ok' })) {
    this.#answer = answer;
  }

  async deliver(report: OutgoingReport, to: Destination, token?: string): Promise<DeliveryOutcome> {
    this.attempts.push([to.uri, report.reportId]);
    this.tokens.push(token);
    this.#underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
    try {
      const outcome = await this.#answer(report, to);
      if (outcome.kind === 'delivered') this.accepted.push(report.reportId);
      return outcome;
    } finally {
      this.#underWay -= 1;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
