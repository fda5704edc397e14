/**
 * The domains that mail is sent to in the test, each with a way of its own in which TLS fares: what DNS and MTA-STS say of it, and how its mail
 * server behaves.
 */
export interface ReceiverPlan {
  readonly domain: string;
  readonly address: string;
  /** What the TLS policy server answers; `MX` stands for the host. Undefined: it knows of no policy. */
  readonly policy?: string;
  /** Whether the host has a TLSA record, and whether that matches. */
  readonly tlsa?: 'matching' | 'other';
  /** Undefined: STARTTLS is not offered. */
  readonly certificate?: 'good' | 'expired' | 'untrusted' | 'other-name';
  /** How many mails it is sent. */
  readonly mails: number;
}

export const REPORTS_TO = 'reports@rua.example';
const ENFORCED =
  'secure match=MX servername=hostname policy_type=sts policy_domain=DOMAIN policy_ttl=604800 { policy_string = version: STSv1 } ' +
  '{ policy_string = mode: enforce } { policy_string = mx: MX } mx_host_pattern=MX';

export const receivers: readonly ReceiverPlan[] = [
  { domain: 'plain.example', address: '198.51.100.1', certificate: 'good', mails: 3 },
  { domain: 'sts.example', address: '198.51.100.2', policy: ENFORCED, certificate: 'good', mails: 4 },
  { domain: 'dane.example', address: '198.51.100.3', tlsa: 'matching', certificate: 'good', mails: 2 },
  { domain: 'expired.example', address: '198.51.100.4', policy: ENFORCED, certificate: 'expired', mails: 2 },
  { domain: 'untrusted.example', address: '198.51.100.5', policy: ENFORCED, certificate: 'untrusted', mails: 1 },
  { domain: 'mismatch.example', address: '198.51.100.6', policy: ENFORCED, certificate: 'other-name', mails: 3 },
  { domain: 'bare.example', address: '198.51.100.7', policy: ENFORCED, mails: 2 },
  { domain: 'danefail.example', address: '198.51.100.8', tlsa: 'other', certificate: 'good', mails: 2 },
  { domain: 'rua.example', address: '198.51.100.9', certificate: 'good', mails: 0 },
  // What the network sees of the machine itself.
  { domain: 'mail.example', address: '198.51.100.10', tlsa: 'matching', certificate: 'good', mails: 0 },
];

export function hostOf({ domain }: ReceiverPlan): string {
  return `mx.${domain}`;
}
