/**
 * One object of a report of others: its members as they are wanted, with a remark for each that is not as it should be.
 */
import { cleanLine, cleanText } from './clean-text.ts';
import type { JsonObject } from './foreign-field.ts';
import type { RemarkCode, Remarks } from './inbound-remark.ts';
import { elementsOf, isJsonObject } from './json-pieces.ts';

const MAX_TEXT_LENGTH = 2_048;
/** As long as our own reports have them. */
const MAX_LINE_LENGTH = 262_144;
/** No policy has as many strings, or MX hosts. */
const MOST_TEXTS = 10_000;
const DIGITS = /^\s*\d{1,15}\s*$/;

export interface Member {
  readonly value: unknown;
  readonly name: string;
}

export class InboundObject {
  readonly #members: JsonObject;
  /** Its path; empty for the document as a whole. */
  readonly #at: string;
  readonly #remarks: Remarks;

  constructor(members: JsonObject, at: string, remarks: Remarks) {
    this.#members = members;
    this.#at = at;
    this.#remarks = remarks;
  }

  remark(code: RemarkCode, name?: string): void {
    this.#remarks.add(code, name === undefined ? this.#at : this.#pathOf(name));
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#members, name);
  }

  /** Undefined for a member that is not there, or says nothing; `others` are names that it had in drafts. */
  member(name: string, others: readonly string[] = []): Member | undefined {
    const found = [name, ...others].find((candidate) => this.has(candidate));
    if (found === undefined) return undefined;
    if (found !== name) this.remark('draft-form', found);
    const value = this.#members[found];
    if (value !== null && value !== '') return { name: found, value };
    this.remark('member-empty', found);
    return undefined;
  }

  required(name: string, others?: readonly string[]): Member | undefined {
    if (![name, ...(others ?? [])].some((candidate) => this.has(candidate))) this.remark('member-missing', name);
    return this.member(name, others);
  }

  /** In one line. A number is taken for what it looks like. */
  textOf(member: Member | undefined): string | undefined {
    if (!member) return undefined;
    const { name, value } = member;
    if (typeof value !== 'string') this.remark('member-type', name);
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    const text = cleanText(this.#cut(String(value), name, MAX_TEXT_LENGTH), MAX_TEXT_LENGTH);
    return text === '' ? undefined : text;
  }

  /** A member that is missing counts nothing. */
  countOf(member: Member | undefined): number {
    if (!member) return 0;
    const { name, value } = member;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    const isText = typeof value === 'string' && DIGITS.test(value);
    this.remark(isText ? 'count-as-text' : 'count-unusable', name);
    return isText ? Number(value) : 0;
  }

  /** One text stands for a list of it, or of what `split` makes of it. Blank ends of lines are kept, blank lines too. */
  textsOf(member: Member | undefined, split: (text: string) => readonly string[] = (text) => [text]): string[] {
    if (!member) return [];
    const { name, value } = member;
    const elements = this.#elementsOf(member, () => (typeof value === 'string' ? split(value) : [value]));
    const texts: string[] = [];
    for (const element of elements) {
      if (typeof element !== 'string') this.remark('member-type', name);
      else if (texts.length < MOST_TEXTS)
        texts.push(cleanLine(this.#cut(element, name, MAX_LINE_LENGTH), MAX_LINE_LENGTH));
      else {
        this.remark('list-cut', name);
        break;
      }
    }
    return texts;
  }

  /** Undefined for what is no object. */
  objectOf(member: Member | undefined): InboundObject | undefined {
    if (!member) return undefined;
    if (isJsonObject(member.value)) return new InboundObject(member.value, this.#pathOf(member.name), this.#remarks);
    this.remark('member-type', member.name);
    return undefined;
  }

  /** One object stands for a list of it. Each is opened when it is its turn, as there may be many. */
  *objectsOf(member: Member | undefined): Generator<InboundObject> {
    if (!member) return;
    const path = this.#pathOf(member.name);
    let index = 0;
    for (const element of this.#elementsOf(member, () => [member.value])) {
      if (isJsonObject(element)) yield new InboundObject(element, `${path}[${String(index)}]`, this.#remarks);
      else this.remark('member-type', member.name);
      index += 1;
    }
  }

  #elementsOf({ name, value }: Member, instead: () => readonly unknown[]): Iterable<unknown> {
    const elements = elementsOf(value);
    if (elements === undefined) this.remark('list-expected', name);
    return elements ?? instead();
  }

  /** Those that nobody asks for. Their names are foreign, so they are counted and not named. */
  remarkUnknown(known: ReadonlySet<string>): void {
    for (const name of Object.keys(this.#members)) if (!known.has(name)) this.remark('member-unknown');
  }

  #cut(text: string, name: string, maxLength: number): string {
    if (text.length > maxLength) this.remark('text-cut', name);
    return text.slice(0, maxLength);
  }

  #pathOf(name: string): string {
    return this.#at === '' ? name : `${this.#at}.${name}`;
  }
}
