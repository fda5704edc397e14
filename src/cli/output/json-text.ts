/**
 * Data as JSON for stdout. It holds what strangers sent, and a terminal may be what reads it: JSON leaves some controls as they are.
 */
import { withoutControlsButLines } from '#support/without-controls.ts';

export function jsonText(value: unknown): string {
  return withoutControlsButLines(`${JSON.stringify(value, null, 2)}\n`);
}

/** The same of something that is long, piece by piece. What can be iterated counts as an array, so that a long one need not be held. */
export function* jsonTexts(value: unknown): Generator<string> {
  yield* inPortions('', valueTexts(value, ''));
  yield '\n';
}

/** An array whose elements come one after the other. */
export class JsonArrayText {
  #isEmpty = true;

  /** One that is not an array but can be iterated counts as one, so that a long one need not be held. */
  next(element: unknown): Iterable<string> {
    const before = `${this.#isEmpty ? '[' : ','}\n${INDENT}`;
    this.#isEmpty = false;
    return inPortions(before, valueTexts(element, INDENT));
  }

  end(): string {
    return this.#isEmpty ? '[]\n' : '\n]\n';
  }
}

const INDENT = '  ';
/** Each portion is a call of the system. */
const PORTION_LENGTH = 65_536;

function* inPortions(before: string, texts: Iterable<string>): Generator<string> {
  let portion = before;
  for (const text of texts) {
    portion += text;
    if (portion.length < PORTION_LENGTH) continue;
    yield withoutControlsButLines(portion);
    portion = '';
  }
  if (portion !== '') yield withoutControlsButLines(portion);
}

/** As JSON.stringify writes it with an indent of two, within lines that are indented by `indent`. */
function* valueTexts(value: unknown, indent: string): Generator<string> {
  if (isIterable(value)) yield* listTexts(value, indent);
  else if (isNested(value)) yield* memberTexts(value, indent);
  else yield JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
}

function* listTexts(elements: Iterable<unknown>, indent: string): Generator<string> {
  let before = '[';
  for (const element of elements) {
    yield `${before}\n${indent}${INDENT}`;
    yield* valueTexts(element ?? null, indent + INDENT);
    before = ',';
  }
  yield before === '[' ? '[]' : `\n${indent}]`;
}

function* memberTexts(members: Readonly<Record<string, unknown>>, indent: string): Generator<string> {
  let before = '{';
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    yield `${before}\n${indent}${INDENT}${JSON.stringify(name)}: `;
    yield* valueTexts(value, indent + INDENT);
    before = ',';
  }
  yield before === '{' ? '{}' : `\n${indent}}`;
}

/** An object that holds lists or objects. */
function isNested(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !('toJSON' in value) &&
    Object.values(value).some((held) => typeof held === 'object' && held !== null)
  );
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
