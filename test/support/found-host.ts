/**
 * What setup finds on a host, with what a test says of it; otherwise a fresh Debian 13 with the package.
 */
import type { FoundHost } from '#pipeline/setup/plan-setup.ts';
import type { PostfixInstance, SmtpClient } from '#pipeline/setup/postfix-instance.ts';

export const SOCKET = '/var/spool/postfix/run/tlsrpt/tlsrpt.sock';

export interface InstanceTraits {
  readonly name?: string;
  readonly isChrooted?: boolean;
  /** In force and in main.cf. */
  readonly set?: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly overrides?: SmtpClient['overrides'];
}

export function makeInstance(traits: InstanceTraits = {}): PostfixInstance {
  const { name = 'postfix', isChrooted = true, set = {}, version = '3.10.13', overrides = {} } = traits;
  return {
    configDirectory: `/etc/${name}`,
    mainCf: `/etc/${name}/main.cf`,
    version,
    queueDirectory: `/var/spool/${name}`,
    user: 'postfix',
    parameters: {
      smtp_tlsrpt_enable: 'no',
      smtp_tlsrpt_socket_name: '',
      smtp_tls_security_level: 'may',
      ...set,
    },
    written: set,
    clients: ['smtp/unix', 'relay/unix'].map((service) => ({ service, isChrooted, overrides })),
    isProxymapChrooted: false,
  };
}

/** Directories that are there, each as `USER:GROUP MODE`; empty for one that is not. */
export type FoundHostTraits = Partial<FoundHost> & { readonly directories?: Readonly<Record<string, string>> };

export function makeFoundHost({ directories = {}, ...traits }: FoundHostTraits = {}): FoundHost {
  const there: Readonly<Record<string, string>> = {
    '/var/spool/postfix': 'root:root 0755',
    '/var/spool/postfix/run': 'root:root 0755',
    '/var/spool/postfix/run/tlsrpt': 'tlsrpt:postfix 0750',
    '/var/spool/postfix-out': 'root:root 0755',
    ...directories,
  };
  return {
    instances: [makeInstance()],
    socket: { path: SOCKET, group: 'postfix', mode: 0o660, isOfUnit: true },
    postfixGroup: 'postfix',
    collectorUser: 'tlsrpt',
    collectorGroups: ['tlsrpt', 'postfix'],
    socketGroupAt: () => undefined,
    configurationFile: '/etc/tlsrpt/tlsrpt.toml',
    hasSystemd: true,
    directoryAt: (path) => (there[path] ?? '') || null,
    realPath: (path) => path,
    answers: () => false,
    zoneTells: () => false,
    ...traits,
  };
}
