/**
 * Data as JSON for stdout. It holds what strangers sent, and a terminal may be what reads it: JSON leaves some controls as they are.
 */
import { withoutControlsButLines } from './log-writer.ts';

export function jsonText(value: unknown): string {
  return withoutControlsButLines(`${JSON.stringify(value, null, 2)}\n`);
}

/** The same for a long array, piece by piece. */
export function* jsonArrayTexts(elements: Iterable<unknown>): Generator<string> {
  const array = new JsonArrayText();
  for (const element of elements) yield array.next(element);
  yield array.end();
}

/** An array whose elements come one after the other. */
export class JsonArrayText {
  #isEmpty = true;

  next(element: unknown): string {
    const text = jsonText([element]).slice(1, -'\n]\n'.length); // indented as it has to be: it may have megabytes
    const before = this.#isEmpty ? '[' : ',';
    this.#isEmpty = false;
    return `${before}${text}`;
  }

  end(): string {
    return this.#isEmpty ? '[]\n' : '\n]\n';
  }
}
