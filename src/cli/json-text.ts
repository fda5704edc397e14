/**
 * Data as JSON for stdout. It holds what strangers sent, and a terminal may be what reads it: JSON leaves some controls as they are.
 */
import { withoutControlsButLines } from './log-writer.ts';

export function jsonText(value: unknown): string {
  return withoutControlsButLines(`${JSON.stringify(value, null, 2)}\n`);
}
