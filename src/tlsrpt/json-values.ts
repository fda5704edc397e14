/**
 * The JSON values in foreign bytes: mostly one, sometimes several behind each other, sometimes with something else behind them.
 */
import type { JsonBytes } from './json-encoding.ts';
import { JsonPieces } from './json-pieces.ts';
import type { JsonFlaw } from './json-pieces.ts';
import { behindBlanks, opens } from './json-scan.ts';

const MOST_VALUES = 1_000;

export interface FoundValues {
  /** Large ones are opened when they are looked at (json-pieces.ts). */
  readonly values: readonly unknown[];
  /** Whether there is more behind the last value than blanks. */
  readonly hasRest: boolean;
  /** Why no value begins with the rest. */
  readonly flaw: JsonFlaw | undefined;
  /** Members whose name their object has already. */
  readonly repeated: number;
}

export function jsonValuesIn(json: JsonBytes): FoundValues {
  const { bytes } = json;
  const pieces = new JsonPieces(json);
  const values: unknown[] = [];
  let flaw: FoundValues['flaw'];
  let at = behindBlanks(bytes, 0);
  while ((values.length === 0 || opens(bytes[at])) && at < bytes.length && values.length < MOST_VALUES) {
    const sound = pieces.soundAt(at);
    if (typeof sound === 'string') {
      flaw = sound;
      break;
    }
    values.push(sound.value);
    at = behindBlanks(bytes, sound.end);
  }
  const hasRest = at < bytes.length;
  return { values, hasRest, flaw: flaw ?? (hasRest ? 'not-json' : undefined), repeated: pieces.repeated };
}
