/**
 * The port by which check meets a mail server: EHLO, STARTTLS, QUIT, and no mail.
 *
 * Bounded in time and in what is read. Nothing rejects.
 */
import type { ShownCertificate } from '#tlsrpt/shown-certificate.ts';

export interface Visited {
  readonly address: string;
  readonly port: number;
  /** Asked for in the handshake (RFC 6066 3). */
  readonly host: string;
}

export type Visit =
  /** No connection, or no session on it: nothing is known of its TLS. */
  | { readonly kind: 'unreachable'; readonly why: string }
  /** STARTTLS is not offered, or refused. */
  | { readonly kind: 'no-starttls'; readonly why: string }
  | { readonly kind: 'tls-failed'; readonly why: string }
  | Encrypted;

export interface Encrypted {
  readonly kind: 'encrypted';
  /** `TLSv1.3` */
  readonly protocol: string;
  /** As the server showed them, its own first; at least one. */
  readonly certificates: readonly ShownCertificate[];
  /** What authorities that are trusted here say of the first one, whatever its names. */
  readonly trust: { readonly kind: 'trusted' | 'expired' } | { readonly kind: 'untrusted'; readonly why: string };
  /** True when the first one is for that name (RFC 6125: wildcards for one label, no common name). */
  readonly isFor: (name: string) => boolean;
}

export interface MailHostVisitor {
  visit(visited: Visited): Promise<Visit>;
}
