/**
 * Finds the instances of Postfix on this host, and how each is set up: postmulti(1) and postconf(1). Changes nothing.
 *
 * Problems: those of postconf.ts.
 */
import type { PostfixInstance } from '#pipeline/setup/postfix-instance.ts';
import { askPostfix, mainCfOf, parametersIn, readParameters } from './postconf.ts';

/** What TLSRPT depends on. */
const PARAMETERS = [
  'mail_version',
  'queue_directory',
  'mail_owner',
  'compatibility_level',
  'smtp_tlsrpt_enable',
  'smtp_tlsrpt_socket_name',
  'smtp_tls_policy_maps',
  'smtp_tls_security_level',
  'smtp_use_tls',
  'smtp_enforce_tls',
  'smtp_tls_per_site',
  'smtp_dns_support_level',
  'disable_dns_lookups',
  'maillog_file',
] as const;

const PROXYMAP = 'proxymap/unix';

export interface FoundInstances {
  /** Those that are enabled, the primary one first. */
  readonly instances: readonly [PostfixInstance, ...PostfixInstance[]];
  /** The configuration directories of those that are not. */
  readonly disabled: readonly string[];
}

export function findInstances(): FoundInstances {
  const rows = instanceRows(askPostfix('postmulti', ['-l']));
  const [primary, ...others] = rows;
  const enabled = others.filter(({ isEnabled }) => isEnabled);
  return {
    instances: [readInstance(primary.configDirectory), ...enabled.map((row) => readInstance(row.configDirectory))],
    disabled: others.filter(({ isEnabled }) => !isEnabled).map((row) => row.configDirectory),
  };
}

interface InstanceRow {
  readonly isEnabled: boolean;
  readonly configDirectory: string;
}

/** Name, group, whether it is enabled, and the directory; the primary one always comes first. */
function instanceRows(listing: string): [InstanceRow, ...InstanceRow[]] {
  const rows = listing.split('\n').flatMap((line): InstanceRow[] => {
    const [, enabled, configDirectory] = /^\S+\s+\S+\s+([yn])\s+(\/.*\S)\s*$/.exec(line) ?? [];
    return configDirectory === undefined ? [] : [{ isEnabled: enabled === 'y', configDirectory }];
  });
  const [primary = { isEnabled: true, configDirectory: defaultDirectory() }, ...others] = rows;
  return [primary, ...others];
}

function defaultDirectory(): string {
  return parametersIn(askPostfix('postconf', ['config_directory']))['config_directory'] ?? '/etc/postfix';
}

function readInstance(configDirectory: string): PostfixInstance {
  const parameters = readParameters(configDirectory, '-x', PARAMETERS);
  const { mail_version: version, queue_directory: queueDirectory, mail_owner: user } = parameters;
  return {
    configDirectory,
    mainCf: mainCfOf(configDirectory),
    version: version ?? '',
    queueDirectory: queueDirectory ?? '/var/spool/postfix',
    user: user ?? 'postfix',
    parameters,
    written: readParameters(configDirectory, '-n', PARAMETERS),
    ...readServices(configDirectory, parameters['compatibility_level'] ?? '0'),
  };
}

type Services = Pick<PostfixInstance, 'clients' | 'isProxymapChrooted'>;

function readServices(configDirectory: string, compatibilityLevel: string): Services {
  const fields = parametersIn(askPostfix('postconf', ['-c', configDirectory, '-F']));
  const own = parametersIn(askPostfix('postconf', ['-c', configDirectory, '-P']));
  const services = Object.entries(fields).flatMap(([key, command]) =>
    key.endsWith('/command') && /^smtp(?:\s|$)/.test(command) ? [key.slice(0, -'/command'.length)] : [],
  );
  const isChrooted = (service: string): boolean => isChroot(fields[`${service}/chroot`], compatibilityLevel);
  return {
    clients: services.map((service) => ({
      service,
      isChrooted: isChrooted(service),
      overrides: below(own, `${service}/`),
    })),
    isProxymapChrooted: isChrooted(PROXYMAP),
  };
}

/** `-` stands for the default, which was to lock up until compatibility level 1 (COMPATIBILITY_README). */
function isChroot(field: string | undefined, compatibilityLevel: string): boolean {
  return field === 'y' || (field !== 'n' && /^0(?:\D|$)/.test(compatibilityLevel));
}

function below(values: Readonly<Record<string, string>>, prefix: string): Readonly<Record<string, string>> {
  const own = Object.entries(values).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}
