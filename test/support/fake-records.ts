/**
 * TLSRPT records without DNS: they are as a test wants, and it is remembered who was asked for.
 */
import type { TlsrptRecords, TxtAnswer } from '#pipeline/report/tlsrpt-records.ts';
import type { ZoneOfRecords } from '#test/contracts/tlsrpt-records.contract.ts';

export class FakeRecords implements TlsrptRecords {
  readonly asked: string[] = [];
  /** The most look-ups that were ever under way at once. */
  mostAtOnce = 0;
  #underWay = 0;
  readonly #zone: ZoneOfRecords;

  constructor(zone: ZoneOfRecords = {}) {
    this.#zone = zone;
  }

  async lookUp(domain: string): Promise<TxtAnswer> {
    this.asked.push(domain);
    this.#underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
    await Promise.resolve();
    this.#underWay -= 1;
    const texts = this.#zone[domain] ?? [];
    if (texts === 'unknown') return { kind: 'unknown', why: 'ESERVFAIL' };
    return { kind: 'answered', txtRecords: texts.map((text) => [text]) };
  }
}
