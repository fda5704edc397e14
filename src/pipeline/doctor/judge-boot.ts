/**
 * Whether the collector that runs now will run after the next boot too. Either of its units starts the other: the socket at the first datagram, the
 * service as it needs the socket.
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

export interface BootUnit {
  readonly name: string;
  readonly isEnabled: boolean;
  /** Then nothing starts it. */
  readonly isMasked: boolean;
}

const { warning } = findingsOf('collector');

/** `units` are those of the collector that runs; undefined where it is not run by systemd. */
export function judgeBoot(units: readonly BootUnit[] | undefined): Finding[] {
  if (!units) return [];
  const masked = units.filter(({ isMasked }) => isMasked).map(({ name }) => name);
  const names = units.map(({ name }) => name);
  if (masked.length > 0) return [notStarted(masked, `systemctl unmask ${masked.join(' ')} && ${enable(names)}`)];
  return units.some(({ isEnabled }) => isEnabled) ? [] : [notStarted(names, enable(names))];
}

function notStarted(names: readonly string[], fix: string): Finding {
  return warning(`${names.join(' and ')} will not be started at the next boot.`, fix);
}

function enable(names: readonly string[]): string {
  return `systemctl enable ${names.join(' ')}`;
}
