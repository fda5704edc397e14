/**
 * Data as JSON for stdout. It holds what strangers sent, and a terminal may be what reads it: JSON leaves some controls as they are.
 */
import { withoutControlsButLines } from './log-writer.ts';

export function jsonText(value: unknown): string {
  return withoutControlsButLines(`${JSON.stringify(value, null, 2)}\n`);
}

/** The same for a long array, piece by piece. */
export function* jsonArrayTexts(elements: Iterable<unknown>): Generator<string> {
  let isEmpty = true;
  for (const element of elements) {
    const text = jsonText(element).trimEnd().replaceAll('\n', '\n  ');
    yield `${isEmpty ? '[' : ','}\n  ${text}`;
    isEmpty = false;
  }
  yield isEmpty ? '[]\n' : '\n]\n';
}
