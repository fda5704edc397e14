/**
 * Colours for states, where somebody looks on who wants them (no-color.org).
 */
import { styleText } from 'node:util';

const colors = { good: 'green', waits: 'yellow', bad: 'red' } as const;

export type Meaning = keyof typeof colors;

export type Paint = (meaning: Meaning, text: string) => string;

export function paintFor(
  environment: Readonly<Record<string, string | undefined>>,
  columns: number | undefined,
): Paint {
  const isPlain = columns === undefined || Boolean(environment['NO_COLOR']) || environment['TERM'] === 'dumb';
  return (meaning, text) => (isPlain ? text : styleText(colors[meaning], text, { validateStream: false }));
}
