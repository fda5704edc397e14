/**
 * Whether what is posted to the addresses of `collect.http`, or of `serve.reports_listen`, gets to who takes it: somebody takes connections there, and
 * the unit of the service lets them in.
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

/** Who takes what is posted. */
export interface PostingService {
  /** What is posted: a word in the plural. */
  readonly posted: 'Sessions' | 'Reports';
  readonly setting: string;
  readonly unit: string;
  /** Where it is said how the unit is changed: the end of a sentence. */
  readonly explained: string;
}

export interface HttpFacts {
  readonly service: PostingService;
  readonly addresses: readonly HttpAddressFacts[];
  /** Of its unit; undefined where something else runs it. */
  readonly limits: NetworkLimits | undefined;
}

const { ok, broken } = findingsOf('http');
const EVERYBODY = { AF_INET: '0.0.0.0/0', AF_INET6: '::/0' } as const;

export function judgeHttp({ addresses, ...surroundings }: HttpFacts): Finding[] {
  return addresses.map((facts) => judgeAddress(facts, surroundings));
}

function judgeAddress(facts: HttpAddressFacts, { service, limits }: Omit<HttpFacts, 'addresses'>): Finding {
  const { address, trial } = facts;
  const { posted, setting, unit, explained } = service;
  if (trial.kind === 'taken') return ok(`${posted} can be posted to ${address}.`);
  const settings = limits ? settingsAgainst(facts, limits) : [];
  if (settings.length > 0)
    return broken(
      `${unit} keeps away what is posted to ${address} (${settings.join(', ')}).`,
      `change these with systemctl edit ${unit}${explained}, then systemctl restart ${unit}`,
    );
  if (trial.kind === 'silent' && limits && allowedIn(facts, limits).length > 0)
    return ok(`${address} is for those of IPAddressAllow= of ${unit} alone, and was not tried from here.`);
  return broken(
    trial.kind === 'silent'
      ? `Nothing was heard from ${address} in ${String(trial.waitedMs / 1_000)} seconds.`
      : `${posted} cannot be posted to ${address}: ${trial.why}.`,
    limits
      ? `see journalctl -u ${unit} for what keeps it from listening there, or set ${setting} to where it does`
      : `see what its log says, start it anew if ${setting} has changed, and see what a firewall lets through`,
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
