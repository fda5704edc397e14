/**
 * What an operator can choose about HTTPS deliveries.
 */
import type { ConnectTo } from './connect-to.ts';

/** An HTTP proxy of the operator. */
export interface HttpsProxy {
  /** `http://host[:port]` */
  readonly url: URL;
  /** What it is told, and nobody else is; undefined for a proxy that does not ask. */
  readonly login?: { readonly user: string; readonly password: string } | undefined;
}

export interface HttpsOptions {
  /** Certificate authorities in PEM, trusted in addition to those that Node brings. */
  readonly ca?: string;
  /** Delivers also where the certificate is wrong (RFC 8460 3, 7). */
  readonly anyCertificate: boolean;
  /** Lifts the rule that only public addresses are contacted: for tests and closed networks. */
  readonly allowPrivateDestinations: boolean;
  /** The addresses of this machine; asked at each attempt. */
  readonly ownAddresses: () => readonly string[];
  /** What all but the operator's own routes go through; undefined for none. */
  readonly proxy?: HttpsProxy | undefined;
  readonly connectTo: readonly ConnectTo[];
  /** ADDR or ADDR:PORT, IPv6 in brackets when a port follows; empty for the resolver of the system. */
  readonly dnsServers: readonly string[];
  /** For one attempt as a whole: name, connection, redirects and answer. */
  readonly timeoutMs: number;
  /** How much of the body of an answer is read at most. */
  readonly maxResponseBytes: number;
  readonly userAgent: string;
}
