/**
 * Who has sent a request: the address at the other end of the connection; where a proxy of the operator is there, the one that it names.
 *
 * Whoever is the client can write X-Forwarded-For as well, and a proxy adds to it at the end. So it is read from its end, for as long as proxies
 * of the operator stand there.
 */
import { BlockList, isIPv6 } from 'node:net';
import { canonicalIp } from '#tlsrpt/ip-address.ts';

/** `[2001:db8::1]:443` and `192.0.2.1:443`, as some proxies write them. */
const WITH_PORT = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/;
const MAPPED = /^::ffff:(?=[\d.]+$)/;

export interface Connected {
  /** The address at the other end; undefined when the connection is closed already. */
  readonly peer: string | undefined;
  /** What X-Forwarded-For says. */
  readonly forwardedFor: string | undefined;
}

/** `networks`: addresses, and networks such as `10.0.0.0/8`. */
export function proxyList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** In its canonical form. */
export function clientAddress({ peer, forwardedFor }: Connected, proxies: BlockList): string {
  let client = plainAddress(peer ?? '') ?? UNKNOWN;
  const forwarded = (forwardedFor ?? '').split(',');
  while (isIn(proxies, client)) {
    const before = plainAddress(forwarded.pop()?.trim() ?? '');
    if (before === undefined) break;
    client = before;
  }
  return client;
}

/** Of a connection that is closed already. */
const UNKNOWN = '0.0.0.0';

function plainAddress(text: string): string | undefined {
  const [, ipv6, ipv4] = WITH_PORT.exec(text) ?? [];
  return canonicalIp(ipv6 ?? ipv4 ?? text)?.replace(MAPPED, '');
}

function isIn(proxies: BlockList, address: string): boolean {
  return proxies.rules.length > 0 && proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
