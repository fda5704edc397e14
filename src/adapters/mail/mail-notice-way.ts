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
    async tell(notice, ending): Promise<NoticeOutcome> {
      const nowMs = now();
      const progress = { isGiven: false };
      const given = (): void => {
        progress.isGiven = true;
      };
      const mail = composeNoticeMail(notice, { from, fromName, to, nowMs });
      const signed = signing ? await signMail(mail, signing, nowMs) : mail;
      const { kind, reply } = await carrier.transmit(signed, { from, to }, { ending, given });
      if (kind === 'delivered') return { kind: 'told', reply };
      return { kind: ending.aborted && progress.isGiven ? 'cut-off' : 'not-told', why: reply };
    },
    close: () => carrier.close(),
  };
}
