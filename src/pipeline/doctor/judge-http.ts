/**
 * Whether what is posted to the addresses of `collect.http` gets to the collector: somebody takes connections there, and the unit of the service lets them in.
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

/** What a service is kept from of the network. */
export interface NetworkLimits {
  readonly barredFamilies: readonly ('AF_INET' | 'AF_INET6')[];
  /** Networks such as `0.0.0.0/0`, which is every address of IPv4. */
  readonly denied: readonly string[];
  /** Networks that are let in all the same. */
  readonly allowed: readonly string[];
  /** Whether it has a network of its own, which nobody else reaches. */
  readonly isPrivate: boolean;
}

export interface HttpAddressFacts {
  /** As people write it: `[::1]:9200`. */
  readonly address: string;
  readonly family: 'AF_INET' | 'AF_INET6';
  /** Whether what is posted there can come from this machine alone. */
  readonly isLoopback: boolean;
  readonly trial:
    | { readonly kind: 'taken' }
    | { readonly kind: 'silent'; readonly waitedMs: number }
    | { readonly kind: 'failed'; readonly why: string };
}

export interface HttpFacts {
  readonly addresses: readonly HttpAddressFacts[];
  /** Of tlsrpt.service; undefined where something else runs the collector. */
  readonly limits: NetworkLimits | undefined;
}

const { ok, broken } = findingsOf('http');
const EVERYBODY = { AF_INET: '0.0.0.0/0', AF_INET6: '::/0' } as const;

export function judgeHttp({ addresses, limits }: HttpFacts): Finding[] {
  return addresses.map((facts) => judgeAddress(facts, limits));
}

function judgeAddress(facts: HttpAddressFacts, limits: NetworkLimits | undefined): Finding {
  const { address, trial } = facts;
  if (trial.kind === 'taken') return ok(`Sessions can be posted to ${address}.`);
  const settings = limits ? settingsAgainst(facts, limits) : [];
  if (settings.length > 0)
    return broken(
      `tlsrpt.service keeps away what is posted to ${address} (${settings.join(', ')}).`,
      'change these with systemctl edit tlsrpt.service, as "With systemd" in docs/http.md has it, then systemctl restart tlsrpt.service',
    );
  if (trial.kind === 'silent' && limits && allowedIn(facts, limits).length > 0)
    return ok(`${address} is for those of IPAddressAllow= of tlsrpt.service alone, and was not tried from here.`);
  return broken(
    trial.kind === 'silent'
      ? `Nothing was heard from ${address} in ${String(trial.waitedMs / 1_000)} seconds.`
      : `Sessions cannot be posted to ${address}: ${trial.why}.`,
    limits
      ? 'see journalctl -u tlsrpt.service for what keeps the collector from listening there, or set collect.http to where it does'
      : 'see what the log of the collector says, start it anew if collect.http has changed, and see what a firewall lets through',
  );
}

/** Those by which nothing that is posted there comes in. */
function settingsAgainst(facts: HttpAddressFacts, limits: NetworkLimits): string[] {
  const isDenied = limits.denied.includes(EVERYBODY[facts.family]);
  const isAllowed = allowedIn(facts, limits).length > 0 && !(facts.isLoopback && facts.trial.kind === 'silent');
  return [
    ...(limits.barredFamilies.includes(facts.family) ? ['RestrictAddressFamilies='] : []),
    ...(isDenied && !isAllowed ? ['IPAddressDeny='] : []),
    ...(limits.isPrivate ? ['PrivateNetwork='] : []),
  ];
}

function allowedIn({ family }: HttpAddressFacts, { allowed }: NetworkLimits): string[] {
  return allowed.filter((network) => network.includes(':') === (family === 'AF_INET6'));
}
