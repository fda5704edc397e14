/**
 * Asks for records, and tells name servers of ours that are silent from those of the domains that are asked for.
 *
 * Strangers choose their domains and whether anybody answers for these, so any number of them that go unanswered says nothing about the
 * next. Many in a row are a reason to ask for something that does not depend on them: only when that is unanswered too, nothing more is
 * asked, since the rest would be as unknown after hours of waiting. A server that fails or refuses has at least answered.
 */
import type { TlsrptRecords, TxtAnswer } from './tlsrpt-records.ts';

export const PROBE_AFTER_UNANSWERED = 200;

export class NameServers {
  readonly #records: TlsrptRecords;
  #unansweredInARow = 0;
  #hasAnswered = false;
  #areSilent = false;
  /** Nothing is asked until it is over. */
  #probe: Promise<void> = Promise.resolve();

  constructor(records: TlsrptRecords) {
    this.#records = records;
  }

  /** Undefined when it was not asked for. */
  async lookUp(domain: string): Promise<TxtAnswer | undefined> {
    await this.#probe;
    if (this.#areSilent) return undefined;
    const answer = await this.#records.lookUp(domain);
    if (answer.kind === 'silent') this.#noteSilence();
    else this.#noteAnswer();
    return answer;
  }

  /** To be asked when all look-ups have ended. */
  async areSilent(): Promise<boolean> {
    if (this.#unansweredInARow > 0 && !this.#hasAnswered) this.#probe = this.#probeNow();
    await this.#probe;
    return this.#areSilent;
  }

  #noteAnswer(): void {
    this.#hasAnswered = true;
    this.#unansweredInARow = 0;
  }

  #noteSilence(): void {
    this.#unansweredInARow += 1;
    if (this.#unansweredInARow % PROBE_AFTER_UNANSWERED === 0 && !this.#areSilent) this.#probe = this.#probeNow();
  }

  async #probeNow(): Promise<void> {
    const answer = await this.#records.probe();
    if (answer.kind === 'silent') this.#areSilent = true;
    else this.#noteAnswer();
  }
}
