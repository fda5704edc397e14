/**
 * Commands for a shell by which people can see for themselves what was found.
 *
 * Strangers choose some of the names, so only names and addresses that hold no more than letters, digits, dots, hyphens, underscores and
 * colons may be given.
 */

export class ShellCommands {
  readonly #askedServer: string | undefined;

  /** `servers` as in the setting `dns_servers`; empty where the system's are asked. */
  constructor(servers: readonly string[]) {
    this.#askedServer = servers[0];
  }

  dig(type: string, name: string): string {
    return ['dig', ...this.#server(), '+short', type, name].join(' ');
  }

  /** Shows flags and signatures; `ad` among the flags says that DNSSEC confirms the answer. */
  digSigned(type: string, name: string): string {
    return ['dig', ...this.#server(), '+dnssec', type, name].join(' ');
  }

  curl(url: URL): string {
    return `curl -i ${url.href}`;
  }

  openssl(host: string, endpoint: { readonly address?: string | undefined; readonly port: number }): string {
    const at = endpoint.address ?? host;
    const connect = `${at.includes(':') ? `[${at}]` : at}:${String(endpoint.port)}`;
    return `openssl s_client -starttls smtp -connect ${connect} -servername ${host} -verify_hostname ${host} -showcerts </dev/null`;
  }

  #server(): string[] {
    const [, ipv6, ipv4, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(this.#askedServer ?? '') ?? [];
    const address = ipv6 ?? (ipv4 === '' ? undefined : ipv4) ?? this.#askedServer;
    if (address === undefined) return [];
    return [`@${address}`, ...(port === undefined ? [] : ['-p', port])];
  }
}
