/**
 * What is known about the TLSRPT records of any number of domains, in little memory.
 *
 * Strangers choose their records, and how many domains have some. Answers that are the same are kept once; the texts of records stay in
 * memory up to a limit, and further ones in a scratch file.
 */
import type { ScratchTexts, TextPlace } from '#store/scratch-texts.ts';
import type { RecordAnswer, RecordAnswers } from './look-up-records.ts';

/** Half a million ordinary records. */
const MAX_CHARACTERS = 33_554_432;

export class KeptRecords implements RecordAnswers {
  readonly #scratch: Pick<ScratchTexts, 'put' | 'read'>;
  readonly #maxCharacters: number;
  readonly #byDomain = new Map<string, RecordAnswer | TextPlace>();
  readonly #different = new Map<string, RecordAnswer>();
  #characters = 0;

  constructor(scratch: Pick<ScratchTexts, 'put' | 'read'>, maxCharacters = MAX_CHARACTERS) {
    this.#scratch = scratch;
    this.#maxCharacters = maxCharacters;
  }

  get(domain: string): RecordAnswer | undefined {
    const kept = this.#byDomain.get(domain);
    return kept && 'position' in kept ? { kind: 'record', record: this.#scratch.read(kept) } : kept;
  }

  set(domain: string, answer: RecordAnswer): void {
    const text = answer.kind === 'record' ? answer.record : answer.why;
    const key = `${answer.kind} ${text}`;
    const same = this.#different.get(key);
    const fits = this.#characters + text.length <= this.#maxCharacters;
    if (same === undefined && fits) {
      this.#characters += text.length;
      this.#different.set(key, answer);
    }
    const isTooMuch = same === undefined && !fits && answer.kind === 'record';
    this.#byDomain.set(domain, isTooMuch ? this.#scratch.put(answer.record) : (same ?? answer));
  }
}
