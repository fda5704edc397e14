/**
 * The port through which notices reach the operator: by mail, a webhook, a command.
 *
 * `tell` resolves for everything that a server, a network or a program can do, within the time that the implementation was given; it rejects only
 * for a bug. When `ending` aborts, it ends within a moment, wherever it is. It is not idempotent: a repeated call tells the same notice again, under
 * the same id.
 */
import type { Notice } from '#store/notices.ts';

export type NoticeOutcome =
  | { readonly kind: 'told'; readonly reply: string }
  /** Worth another try: whatever it is, the operator can end it. `why` is a phrase. */
  | { readonly kind: 'not-told'; readonly why: string }
  /** Upon `ending`, when the other side may have had the notice already: nobody knows whether it was told. */
  | { readonly kind: 'cut-off'; readonly why: string };

export interface NoticeWay {
  /** For people, such as `mail to postmaster@example.com`; has no secret in it. By it is known what is still to be told by this way. */
  readonly name: string;
  tell(notice: Notice, ending: AbortSignal): Promise<NoticeOutcome>;
  close(): Promise<void>;
}
