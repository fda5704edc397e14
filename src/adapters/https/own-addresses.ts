/**
 * The addresses of this machine's network interfaces.
 */
import { networkInterfaces } from 'node:os';

/** As they are at the moment, without zones: addresses come and go while the machine runs. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
}
