/**
 * What has to change in smtp_tls_policy_maps so that results under MTA-STS are reported as such: Postfix knows of a policy only what the
 * plug-in tells it (TLSRPT_README, "MTA-STS Support via smtp_tls_policy_maps").
 */
import type { PostfixInstance } from './postfix-instance.ts';

/** A socketmap, with the name that is asked for at its end. */
const SOCKETMAP = /\bsocketmap:((?:inet|unix):[^\s,{}]+):([^\s,:{}]+)/g;
/** The same in postfix-tlspol's words; it takes no notice of the case. */
const TLSPOL_QUERY = /^query$/i;
const TLSPOL_WITH_TLSRPT = 'QUERYwithTLSRPT';
/** Tables with an entry for each domain. */
const TABLE =
  /\b(?:btree|cdb|cidr|dbm|hash|inline|ldap|lmdb|memcache|mongodb|mysql|nis|pcre|pgsql|regexp|sqlite|static|texthash):/;

export interface PolicyMapAdvice {
  /** What smtp_tls_policy_maps is to be; undefined when it stays as it is. */
  readonly value: string | undefined;
  /** What only the administrator can see to. */
  readonly notes: readonly string[];
}

export interface PolicyPlugins {
  /** Whether a socketmap knows a query, such as `socketmap:inet:127.0.0.1:8642:QUERYwithTLSRPT`. */
  readonly answers: (map: string) => boolean;
  /** Whether postfix-mta-sts-resolver tells of policies in a zone, as its settings say; false where nothing is known of it. */
  readonly zoneTells: (zone: string) => boolean;
}

export function advisePolicyMaps(
  { written, configDirectory }: PostfixInstance,
  { answers, zoneTells }: PolicyPlugins,
): PolicyMapAdvice {
  const maps = written['smtp_tls_policy_maps'] ?? '';
  const notes: string[] = [];
  const value = maps.replace(SOCKETMAP, (map: string, address: string, name: string) => {
    if (!TLSPOL_QUERY.test(name)) {
      const isTold = name.toLowerCase() === TLSPOL_WITH_TLSRPT.toLowerCase() || zoneTells(name);
      if (!isTold) notes.push(pluginNote(configDirectory, map));
      return map;
    }
    const wanted = `socketmap:${address}:${TLSPOL_WITH_TLSRPT}`;
    if (answers(wanted)) return wanted;
    notes.push(silentNote(configDirectory, map, wanted));
    return map;
  });
  if (TABLE.test(maps)) notes.push(tableNote(configDirectory));
  return { value: value === maps ? undefined : value, notes };
}

function pluginNote(configDirectory: string, map: string): string {
  return (
    `${configDirectory}: smtp_tls_policy_maps asks ${map}. If that is postfix-mta-sts-resolver, its zone needs "tlsrpt: true" ` +
    '(/etc/mta-sts-daemon.yml, version 1.5 or later); restart it then. Without, results under MTA-STS are reported as under no policy.'
  );
}

function silentNote(configDirectory: string, map: string, wanted: string): string {
  return (
    `${configDirectory}: smtp_tls_policy_maps asks ${map}, and ${wanted} is not answered. If that is postfix-tlspol, ` +
    'bring it to version 1.8.22 or later, start it, and run this again. Until then results under MTA-STS are reported as under no policy.'
  );
}

function tableNote(configDirectory: string): string {
  return (
    `${configDirectory}: smtp_tls_policy_maps has a table. Where an entry stands for an MTA-STS policy, give it policy_type=sts, ` +
    'policy_domain= and the rest of what TLSRPT_README names, or use a plug-in that does.'
  );
}
