/**
 * Whether all that the settings name can be used: for those who run other commands, or say how they would fare.
 *
 * Problems: configuration-error.
 */
import type { Invocation } from '#cli/command.ts';
import { destinationMapsOf } from './destination-maps.ts';

/** The settings themselves were checked before: maps, keys, passwords, certificates and the sender are left. */
export async function checkSettings(invocation: Invocation): Promise<void> {
  destinationMapsOf(invocation.settings);
  const { transportsOf } = await import('#cli/wiring/transports.ts'); // with the mail and web clients
  transportsOf(invocation);
}
