/**
 * The port through which report asks domains whether they want reports (RFC 8460 3).
 *
 * Both resolve for everything that DNS can do, and reject only for a bug. They change nothing, so they can be called as often as one
 * likes; whoever implements it asks again by itself where that may help, and ends within its own time-outs.
 */
export type TxtAnswer =
  /** All TXT records at `_smtp._tls.` and the domain, each as its character-strings; none when there is no such name or no such record. */
  | { readonly kind: 'answered'; readonly txtRecords: readonly (readonly string[])[] }
  /** A server answered that it failed, or that it will not say. It may be known another time. */
  | { readonly kind: 'failed'; readonly why: string }
  /** No server answered, or none could be reached. It may be known another time. */
  | { readonly kind: 'silent'; readonly why: string };

export interface TlsrptRecords {
  /** `domain` is a domain name in A-labels. */
  lookUp(domain: string): Promise<TxtAnswer>;
  /** Asks the same servers for what every one of them knows, whoever's domains are looked up. Answered without TXT records. */
  probe(): Promise<TxtAnswer>;
}
