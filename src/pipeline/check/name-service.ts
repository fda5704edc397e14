/**
 * The port by which check asks DNS.
 *
 * What an answer holds is foreign. A name that does not exist and one without such records are both answered with none. Nothing rejects:
 * whatever keeps an answer away is said in it. Asking again is harmless, and may give another answer.
 */
import type { TlsaRecord } from '#tlsrpt/tlsa-record.ts';

export type DnsAnswer<T> =
  | {
      readonly kind: 'answered';
      readonly records: readonly T[];
      /** True when the name server says that DNSSEC confirms it. */
      readonly isAuthenticated: boolean;
      /** True when the name is an alias of the one that has the records. */
      readonly isAlias: boolean;
    }
  /** DNSSEC says that it must not be believed: it is answered only without being checked. */
  | { readonly kind: 'bogus' }
  /** The name servers fail or are silent. */
  | { readonly kind: 'unanswered'; readonly why: string };

export interface MxRecord {
  readonly preference: number;
  /** As DNS has it; `.` for none. */
  readonly host: string;
}

export interface NameService {
  /** Each record as the character-strings it is made of. */
  texts(name: string): Promise<DnsAnswer<readonly string[]>>;
  mailHosts(name: string): Promise<DnsAnswer<MxRecord>>;
  /** IPv4 and IPv6; authenticated when both are. */
  addresses(name: string): Promise<DnsAnswer<string>>;
  tlsaRecords(name: string): Promise<DnsAnswer<TlsaRecord>>;
  /** Whether the name servers validate DNSSEC; undefined when they do not answer. */
  validates(): Promise<boolean | undefined>;
}
