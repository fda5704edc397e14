/**
 * Bounces of our reports for people: who did not get one, and why. All of it is foreign, so it is cut, and nothing that is not to be seen is in it.
 */
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import type { Bounce } from '#tlsrpt/bounce.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';
import type { Meaning, Paint } from './paint.ts';

type ReadBounce = Extract<InboundReading, { kind: 'bounce' }>;

const MAX_NAME_LENGTH = 254;
const MAX_WORDS_LENGTH = 300;
const MAX_SOURCE_LENGTH = 4_096;
const INDENT = ' '.repeat('bounced   '.length);
const INDENTS = { first: INDENT, others: INDENT };

const states: Readonly<Record<Bounce['action'], readonly [word: string, meaning: Meaning]>> = {
  failed: ['bounced', 'bad'],
  delayed: ['delayed', 'waits'],
  other: ['notice', 'waits'],
};

export function bounceText({ source, bounce }: ReadBounce, paint: Paint): string {
  const { action, words, recipients, messageIds } = bounce;
  const [word, meaning] = states[action];
  const [recipient = 'a report of ours'] = recipients;
  const lines = [
    ...wrapText(`${shown(recipient)}${words === '' ? '' : `: ${showForeign(words, MAX_WORDS_LENGTH)}`}`, INDENTS),
    ...(messageIds[0] === undefined ? [] : wrapText(`Message-ID ${shown(messageIds[0])}`, INDENTS)),
    ...wrapText(`in ${showForeign(source, MAX_SOURCE_LENGTH)}`, INDENTS),
  ];
  return `${paint(meaning, word)}${' '.repeat(INDENT.length - word.length)}${lines.join('\n').slice(INDENT.length)}\n`;
}

function shown(text: string): string {
  return showForeign(text, MAX_NAME_LENGTH);
}
