/**
 * Hands reports to the sendmail command of the local mail server: `PATH [ARGUMENTS] -i -f FROM -- RECIPIENT`, the mail on its
 * standard input.
 *
 * No shell is involved, and nothing after `--` is an option. Delivered means that the command took the mail; what the receiver says
 * comes back to FROM. A command that does not end in time is killed, with all that it has started; what it leaves behind when it ends is
 * not waited for.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import { messageOf } from '#support/problem.ts';
import type { MailCarrier, MailEnvelope } from './mail-carrier.ts';
import { mailTransport } from './mail-transport.ts';
import type { MailOptions } from './mail-transport.ts';
import { sendmailOutcome } from './sendmail-outcome.ts';
import type { SendmailEnd } from './sendmail-outcome.ts';

export interface SendmailOptions extends MailOptions {
  /** The command, for example /usr/sbin/sendmail, and the arguments that the operator wants. */
  readonly words: readonly [path: string, ...args: string[]];
  readonly timeoutMs: number;
}

/** Enough of what the command complains about. */
const MAX_STDERR_LENGTH = 2_000;
/** How long a command that has ended is heard out, while something that it left behind keeps its output open. */
const LAST_WORDS_MS = 200;

export function sendmailTransport(options: SendmailOptions): ReportTransport {
  return mailTransport(sendmailCarrier(options), options);
}

function sendmailCarrier(options: SendmailOptions): MailCarrier {
  const underWay = new Set<Promise<DeliveryOutcome>>();
  return {
    async transmit(mail, envelope) {
      const delivery = runSendmail(options, envelope, mail).then((end) => sendmailOutcome(options.words[0], end));
      underWay.add(delivery);
      return delivery.finally(() => underWay.delete(delivery));
    },
    async close() {
      await Promise.allSettled(underWay);
    },
  };
}

async function runSendmail(options: SendmailOptions, envelope: MailEnvelope, mail: Buffer): Promise<SendmailEnd> {
  const command = start(options.words, envelope);
  return command instanceof Error
    ? { kind: 'not-started', why: command.message }
    : endOf(command, mail, options.timeoutMs);
}

/** Some of what keeps a command from starting is thrown, and some emitted by a process that is none. */
function start([path, ...args]: SendmailOptions['words'], { from, to }: MailEnvelope): ChildProcess | Error {
  try {
    // In a group of its own, so that Ctrl-C ends us in order and no mail that is under way.
    return spawn(path, [...args, '-i', '-f', from, '--', to], { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** One that was not started may have no pipes. */
function endOf(command: ChildProcess, mail: Buffer, timeoutMs: number): Promise<SendmailEnd> {
  const { stdin, stderr: complaints } = command;
  return new Promise((resolve) => {
    let stderr = '';
    complaints?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(0, MAX_STDERR_LENGTH);
    });
    const end = (result: SendmailEnd): void => {
      clearTimeout(deadline);
      // A child of the command may hold the pipes open; it must not hold us.
      stdin?.destroy();
      complaints?.destroy();
      resolve(result);
    };
    const deadline = setTimeout(() => {
      killGroup(command);
      end({ kind: 'timed-out' });
    }, timeoutMs);
    command.on('error', (error) => {
      end({ kind: 'not-started', why: error.message });
    });
    command.on('exit', (code) => {
      const exited = (): void => {
        end({ kind: 'exited', code, stderr });
      };
      clearTimeout(deadline);
      command.on('close', exited);
      setTimeout(exited, code === 0 ? 0 : LAST_WORDS_MS);
    });
    stdin?.on('error', () => undefined); // it ended before it read everything: its exit code tells
    stdin?.end(withLineFeeds(mail));
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

/** The form that local commands expect, sendmail's among them. */
function withLineFeeds(mail: Buffer): string {
  return mail.toString('ascii').replaceAll('\r\n', '\n');
}
