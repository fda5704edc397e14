/**
 * Hands reports to the sendmail command of the local mail server: `PATH [ARGUMENTS] -i -f FROM -- RECIPIENT`, the mail on its
 * standard input.
 *
 * No shell is involved, and nothing after `--` is an option. Delivered means that the command took the mail; what the receiver says
 * comes back to FROM.
 */
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import { giveToCommand } from '#support/give-to-command.ts';
import type { MailCarrier } from './mail-carrier.ts';
import { mailTransport } from './mail-transport.ts';
import type { MailOptions } from './mail-transport.ts';
import { sendmailOutcome } from './sendmail-outcome.ts';

export interface SendmailOptions extends MailOptions {
  /** The command, for example /usr/sbin/sendmail, and the arguments that the operator wants. */
  readonly words: readonly [path: string, ...args: string[]];
  readonly timeoutMs: number;
}

export function sendmailTransport(options: SendmailOptions): ReportTransport {
  return mailTransport(sendmailCarrier(options), options);
}

/** The same for any mail. */
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

/** The form that local commands expect, sendmail's among them. */
function withLineFeeds(mail: Buffer): string {
  return mail.toString('ascii').replaceAll('\r\n', '\n');
}
