/**
 * Hands reports to the sendmail command of the local mail server: `PATH [ARGUMENTS] -i -f FROM -- RECIPIENT`, the mail on its
 * standard input.
 *
 * No shell is involved here, and nothing after `--` is an option. The command may hand its words to a shell, though, as ssh does and many a script, and
 * whoever publishes a record chooses the recipient of a report (RFC 8460 3): one that a shell could run, or send elsewhere, is not handed over. Delivered means that the command took the mail; what the receiver says
 * comes back to FROM.
 */
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import { giveToCommand } from '#support/give-to-command.ts';
import type { MailCarrier } from './mail-carrier.ts';
import { mailTransport } from './mail-transport.ts';
import type { MailOptions } from './mail-transport.ts';
import { sendmailOutcome } from './sendmail-outcome.ts';

/**
 * What ends a command, begins another one or a substitution, or leads input and output elsewhere; and the quotes of a local part, without which a comma
 * in it makes two recipients, one of them on the host of the command. Whatever else a shell reads in another way, no other domain gets.
 */
const MEANT_FOR_SHELLS = /[`$&|;<>()"]/;

export interface SendmailOptions extends MailOptions {
  /** The command, for example /usr/sbin/sendmail, and the arguments that the operator wants. */
  readonly words: readonly [path: string, ...args: string[]];
  readonly timeoutMs: number;
}

export function sendmailTransport(options: SendmailOptions): ReportTransport {
  return mailTransport(withoutShellWords(sendmailCarrier(options), options.words[0]), options);
}

/** The same for mails to whom the operator names. */
export function sendmailCarrier({
  words: [path, ...args],
  timeoutMs,
}: Pick<SendmailOptions, 'words' | 'timeoutMs'>): MailCarrier {
  const underWay = new Set<Promise<DeliveryOutcome>>();
  return {
    async transmit(mail, { from, to }, watch) {
      const words = [path, ...args, '-i', '-f', from, '--', to] as const;
      watch?.given();
      const run = giveToCommand({ words, input: withLineFeeds(mail), timeoutMs, ending: watch?.ending });
      const delivery = run.then((end) => sendmailOutcome(path, end));
      underWay.add(delivery);
      return delivery.finally(() => underWay.delete(delivery));
    },
    async close() {
      await Promise.allSettled(underWay);
    },
  };
}

function withoutShellWords(carrier: MailCarrier, path: string): MailCarrier {
  return {
    transmit: async (mail, envelope, watch) =>
      MEANT_FOR_SHELLS.test(envelope.to) ? notForCommands(path) : carrier.transmit(mail, envelope, watch),
    close: () => carrier.close(),
  };
}

function notForCommands(path: string): DeliveryOutcome {
  return { kind: 'refused', reply: `not given to ${path}: a shell could take the address for something else` };
}

/** The form that local commands expect, sendmail's among them. */
function withLineFeeds(mail: Buffer): string {
  return mail.toString('ascii').replaceAll('\r\n', '\n');
}
