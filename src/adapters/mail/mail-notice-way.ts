/**
 * Tells notices by mail to one address, implementing the port of notify.
 */
import type { NoticeOutcome, NoticeWay } from '#pipeline/notify/notice-way.ts';
import { composeNoticeMail } from './compose-notice-mail.ts';
import type { MailForm } from './finish-report-mail.ts';
import type { MailCarrier } from './mail-carrier.ts';
import { signMail } from './sign-mail.ts';

export interface NoticeMailOptions extends Pick<MailForm, 'fromName' | 'now' | 'signing'> {
  /** Bare mailbox. */
  readonly from: string;
  /** Bare mailbox. */
  readonly to: string;
}

export function mailNoticeWay(carrier: MailCarrier, options: NoticeMailOptions): NoticeWay {
  const { from, fromName, to, now, signing } = options;
  return {
    name: `mail to ${to}`,
    async tell(notice): Promise<NoticeOutcome> {
      const nowMs = now();
      const mail = composeNoticeMail(notice, { from, fromName, to, nowMs });
      const outcome = await carrier.transmit(signing ? await signMail(mail, signing, nowMs) : mail, { from, to });
      return outcome.kind === 'delivered'
        ? { kind: 'told', reply: outcome.reply }
        : { kind: 'not-told', why: outcome.reply };
    },
    close: () => carrier.close(),
  };
}
