/**
 * What has to change in smtp_tls_policy_maps so that results under MTA-STS are reported as such: Postfix knows of a policy only what the
 * plug-in tells it (TLSRPT_README, "MTA-STS Support via smtp_tls_policy_maps").
 */
import { mainReaders, namesFromRoot } from './map-readers.ts';
import type { PostfixInstance, SmtpClient } from './postfix-instance.ts';

const PARAMETER = 'smtp_tls_policy_maps';
/** A socketmap, with the name that is asked for at its end; proxymap(8) can be between. */
const SOCKETMAP = /\b((?:proxy:)?socketmap:(?:inet|unix):[^\s,{}]+):([^\s,:{}]+)/g;
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
  /** Whether a socketmap knows a query, such as `socketmap:inet:127.0.0.1:8642:QUERYwithTLSRPT`; the path of a socket is absolute, and as root sees it. */
  readonly answers: (map: string) => boolean;
  /** Whether postfix-mta-sts-resolver tells of policies in a zone, as its settings say; false where nothing is known of it. */
  readonly zoneTells: (zone: string) => boolean;
}

export function advisePolicyMaps(instance: PostfixInstance, plugins: PolicyPlugins): PolicyMapAdvice {
  const maps = instance.written[PARAMETER] ?? '';
  const notes: string[] = [];
  const readers = mainReaders(instance);
  const value = maps.replace(SOCKETMAP, (...found: readonly string[]) => {
    const { wanted, note } = adviseSocketmap(socketmapOf(found), { instance, readers }, plugins);
    if (note !== undefined) notes.push(note);
    return wanted;
  });
  const elsewhere = mapsElsewhere(instance);
  if ([maps, ...elsewhere.map((other) => other.maps)].some((text) => TABLE.test(text)))
    notes.push(tableNote(instance.configDirectory));
  return {
    value: value === maps ? undefined : value,
    notes: [...new Set([...notes, ...elsewhere.flatMap((other) => notesOn(other, instance, plugins))])],
  };
}

/** What setup does not change: values that main.cf names by `$name`, and what master.cf sets for a service. */
interface MapsElsewhere {
  readonly where: string;
  readonly maps: string;
  readonly readers: Asked['readers'];
}

function mapsElsewhere(instance: PostfixInstance): MapsElsewhere[] {
  const { written, parameters, clients } = instance;
  const maps = written[PARAMETER] ?? '';
  // What stands there as well is looked at for itself.
  const referred = maps.includes('$')
    ? (parameters[PARAMETER] ?? '').replace(SOCKETMAP, (map) => (maps.includes(map) ? '' : map))
    : '';
  return [
    { where: `${PARAMETER} = ${maps}`, maps: referred, readers: mainReaders(instance) },
    ...clients.flatMap((client) => {
      const own = client.overrides[PARAMETER];
      const where = `${PARAMETER} for ${client.service} in master.cf`;
      return own === undefined ? [] : [{ where, maps: own, readers: [client] }];
    }),
  ];
}

function notesOn({ where, maps, readers }: MapsElsewhere, instance: PostfixInstance, plugins: PolicyPlugins): string[] {
  return [...maps.matchAll(SOCKETMAP)].map(socketmapOf).flatMap((socketmap) => {
    const { wanted, note } = adviseSocketmap(socketmap, { instance, readers }, plugins);
    if (note !== undefined) return [note];
    return wanted === socketmap.map ? [] : [byHandNote(instance.configDirectory, where, socketmap.map, wanted)];
  });
}

interface Socketmap {
  readonly map: string;
  /** The map without the name. */
  readonly address: string;
  readonly name: string;
}

function socketmapOf([map = '', address = '', name = '']: readonly string[]): Socketmap {
  return { map, address, name };
}

/** Which of an instance's services ask a map. */
interface Asked {
  readonly instance: PostfixInstance;
  readonly readers: readonly Pick<SmtpClient, 'isChrooted'>[];
}

/** What should be asked, and what only the administrator can see to. */
function adviseSocketmap(
  { map, address, name }: Socketmap,
  { instance, readers }: Asked,
  { answers, zoneTells }: PolicyPlugins,
): { readonly wanted: string; readonly note: string | undefined } {
  const { configDirectory } = instance;
  if (!TLSPOL_QUERY.test(name)) {
    const isTold = name.toLowerCase() === TLSPOL_WITH_TLSRPT.toLowerCase() || zoneTells(name);
    return { wanted: map, note: isTold ? undefined : pluginNote(configDirectory, map) };
  }
  const wanted = `${address}:${TLSPOL_WITH_TLSRPT}`;
  const silent = namesFromRoot(wanted, readers, instance).find((seen) => !answers(seen));
  if (silent === undefined) return { wanted, note: undefined };
  return { wanted: map, note: silentNote(configDirectory, map, silent) };
}

function pluginNote(configDirectory: string, map: string): string {
  return (
    `${configDirectory}: smtp_tls_policy_maps asks ${map}. If that is postfix-mta-sts-resolver, its zone needs "tlsrpt: true" ` +
    '(/etc/mta-sts-daemon.yml, version 1.5 or later); restart it then. Without, results under MTA-STS are reported as under no policy.'
  );
}

/** `silent` is what was asked, by the name that it has outside of where Postfix may be locked up. */
function silentNote(configDirectory: string, map: string, silent: string): string {
  return (
    `${configDirectory}: smtp_tls_policy_maps asks ${map}, and ${silent} is not answered. If that is postfix-tlspol, ` +
    'bring it to version 1.8.22 or later, start it, and run this again. Until then results under MTA-STS are reported as under no policy.'
  );
}

function byHandNote(configDirectory: string, where: string, map: string, wanted: string): string {
  return (
    `${configDirectory}: ${where} asks ${map}, which is not changed there: write ${wanted} yourself. ` +
    'Until then results under MTA-STS are reported as under no policy.'
  );
}

function tableNote(configDirectory: string): string {
  return (
    `${configDirectory}: smtp_tls_policy_maps has a table. Where an entry stands for an MTA-STS policy, give it policy_type=sts, ` +
    'policy_domain= and the rest of what TLSRPT_README names, or use a plug-in that does.'
  );
}
