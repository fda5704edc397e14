/**
 * Tells notices to a command, implementing the port of notify: JSON on its standard input, and 0 is good.
 *
 * No shell is involved, and nothing of a notice is among the words or in the environment, of which it gets no more than it needs to find programs
 * and files of its user: what systemd and the settings say to this process is not said to it.
 */
import type { NoticeOutcome, NoticeWay } from '#pipeline/notify/notice-way.ts';
import { giveToCommand } from '#support/give-to-command.ts';
import type { CommandEnd } from '#support/give-to-command.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';

export interface NoticeCommandOptions {
  readonly words: readonly [path: string, ...args: string[]];
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What a notice is as JSON. */
  readonly inputOf: (notice: Parameters<NoticeWay['tell']>[0]) => string;
}

const PASSED_ON = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TZ'];
const MAX_COMPLAINT_LENGTH = 200;

export function commandNoticeWay({ words, timeoutMs, environment, inputOf }: NoticeCommandOptions): NoticeWay {
  const passedOn = Object.fromEntries(PASSED_ON.map((name) => [name, environment[name]]));
  return {
    name: `the command ${words[0]}`,
    async tell(notice, ending) {
      const environment = passedOn;
      return outcomeOf(await giveToCommand({ words, input: inputOf(notice), timeoutMs, environment, ending }));
    },
    close: () => Promise.resolve(),
  };
}

function outcomeOf(end: CommandEnd): NoticeOutcome {
  if (end.kind === 'ended') return { kind: 'cut-off', why: 'it was ended with the run' };
  if (end.kind === 'timed-out') return { kind: 'not-told', why: 'it did not end in time' };
  if (end.kind === 'not-started') return { kind: 'not-told', why: `it cannot be run: ${end.why}` };
  const { code, stderr } = end;
  if (code === 0) return { kind: 'told', reply: 'it ended with 0' };
  const ending = code === null ? 'it was killed' : `it ended with ${String(code)}`;
  const complaint = cleanText(stderr.replace(/\s+/g, ' '), MAX_COMPLAINT_LENGTH);
  return { kind: 'not-told', why: complaint === '' ? ending : `${ending}: ${complaint}` };
}
