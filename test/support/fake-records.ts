/**
 * TLSRPT records without DNS: they are as a test wants, and it is remembered who was asked for.
 */
import type { TlsrptRecords, TxtAnswer } from '#pipeline/report/tlsrpt-records.ts';
import type { ZoneOfRecords } from '#test/contracts/tlsrpt-records.contract.ts';

export type ZoneWithSilence = Readonly<Record<string, ZoneOfRecords[string] | 'silence'>>;

/** What becomes of a probe. */
const PROBED = {
  answer: { kind: 'answered', txtRecords: [] },
  refuse: { kind: 'failed', why: 'EREFUSED' },
  'are-silent': { kind: 'silent', why: 'ETIMEOUT' },
} as const satisfies Record<string, TxtAnswer>;

export class FakeRecords implements TlsrptRecords {
  readonly asked: string[] = [];
  /** The most look-ups that were ever under way at once. */
  mostAtOnce = 0;
  probes = 0;
  #underWay = 0;
  readonly #zone: ZoneWithSilence;
  readonly #servers: keyof typeof PROBED;

  constructor(zone: ZoneWithSilence = {}, { servers = 'answer' }: { readonly servers?: keyof typeof PROBED } = {}) {
    this.#zone = zone;
    this.#servers = servers;
  }

  async lookUp(domain: string): Promise<TxtAnswer> {
    this.asked.push(domain);
    this.#underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
    await Promise.resolve();
    this.#underWay -= 1;
    const texts = this.#zone[domain] ?? [];
    if (this.#servers === 'are-silent' || texts === 'silence') return PROBED['are-silent'];
    if (texts === 'unknown') return { kind: 'failed', why: 'ESERVFAIL' };
    return { kind: 'answered', txtRecords: texts.map((text) => [text]) };
  }

  async probe(): Promise<TxtAnswer> {
    this.probes += 1;
    await Promise.resolve();
    return PROBED[this.#servers];
  }
}
