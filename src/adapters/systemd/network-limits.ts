/**
 * What a service is kept from of the network, as systemctl(1) shows it.
 */
import type { NetworkLimits } from '#pipeline/doctor/judge-http.ts';
import { isBarred, readProperties } from './systemctl.ts';

const FAMILIES = ['AF_INET', 'AF_INET6'] as const;
const KEYS = ['LoadState', 'RestrictAddressFamilies', 'IPAddressDeny', 'IPAddressAllow', 'PrivateNetwork'];

/** Undefined when there is no such service. */
export function readNetworkLimits(service: string): NetworkLimits | undefined {
  const { property } = readProperties(service, KEYS);
  if (property('LoadState') !== 'loaded') return undefined;
  const families = property('RestrictAddressFamilies');
  return {
    barredFamilies: FAMILIES.filter((family) => isBarred(family, families)),
    denied: wordsOf(property('IPAddressDeny')),
    allowed: wordsOf(property('IPAddressAllow')),
    isPrivate: property('PrivateNetwork') === 'yes',
  };
}

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
