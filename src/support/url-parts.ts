/**
 * The parts of URLs that name a place on another host. What they hold goes into commands, messages and protocols, so it is checked here once.
 */
import { isIPv6 } from 'node:net';

const HOST_NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/;
const MAX_PORT = 65_535;

/** A name in lower case, or an address, IPv6 without its brackets; undefined for what is neither. */
export function hostIn(text: string): string | undefined {
  const host = text.toLowerCase();
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1)) && !host.includes('%') ? host.slice(1, -1) : undefined;
  return HOST_NAME.test(host) ? host : undefined;
}

export function portIn(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= MAX_PORT ? port : undefined;
}

/** Decoded; undefined for what cannot be, is empty, or has control characters. */
export function plainTextIn(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return decoded !== '' && !/\p{Cc}/u.test(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}

/** As it stands in a URL. */
export function writtenHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** What would end a path is encoded; slashes stay. */
export function writtenPath(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent);
}
