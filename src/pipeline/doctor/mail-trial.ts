/**
 * What a mail server says of a mail that it is not given: how far a session with our sender and a stranger as the recipient comes.
 */
export type MailTrial =
  /** There was no session; `step` is where it ended. */
  | { readonly kind: 'no-session'; readonly step: 'connection' | 'tls' | 'login' | 'other'; readonly why: string }
  | {
      readonly kind: 'refused';
      readonly command: 'MAIL FROM' | 'RCPT TO';
      readonly reply: string;
      /** `us`: our permission to send. `recipient`: it alone. `unclear`: the server does not say. */
      readonly about: 'us' | 'recipient' | 'unclear';
      /** False when the same may be taken later. */
      readonly isFinal: boolean;
    }
  | { readonly kind: 'accepted'; readonly isEncrypted: boolean; readonly isLoggedIn: boolean };
