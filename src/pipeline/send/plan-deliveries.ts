/**
 * Decides about deliveries that are due, before anybody is contacted: which are attempted, which are over because their address is
 * suppressed, and which wait for another day because their address has had its share of this one (RFC 8460 7).
 *
 * Retries are not counted again: what counts is how many reports an address is given.
 */
import type { Delivery } from '#tlsrpt/delivery.ts';
import { readDestination, receiverKey } from '#tlsrpt/destination.ts';
import type { DestinationReading } from '#tlsrpt/destination.ts';
import type { DestinationBook } from './destination-book.ts';

export interface PlannedDelivery {
  readonly delivery: Delivery;
  readonly reading: DestinationReading;
  /** The form that all spellings of the destination share. */
  readonly address: string;
  readonly host: string;
  /** False for a directory, which the operator chose: it may have any number of reports, and is not held to be dead. */
  readonly isForeign: boolean;
}

export interface DeliveryPlan {
  readonly wanted: readonly PlannedDelivery[];
  readonly suppressed: readonly Delivery[];
  readonly putOff: readonly Delivery[];
}

export function planDeliveries(due: readonly Delivery[], destinations: DestinationBook): DeliveryPlan {
  const wanted: PlannedDelivery[] = [];
  const suppressed: Delivery[] = [];
  const putOff: Delivery[] = [];
  for (const planned of due.map(plannedOf)) {
    const { delivery, address, isForeign } = planned;
    if (destinations.isSuppressed(address)) suppressed.push(delivery);
    else if (!isForeign || delivery.attempts > 0 || destinations.admit(address)) wanted.push(planned);
    else putOff.push(delivery);
  }
  return { wanted, suppressed, putOff };
}

function plannedOf(delivery: Delivery): PlannedDelivery {
  const reading = readDestination(delivery.destination);
  const planned = { delivery, reading, isForeign: true };
  if (reading.kind === 'unusable') return { ...planned, address: delivery.destination, host: '' };
  const address = receiverKey(reading.address);
  if (reading.address.scheme === 'directory') return { ...planned, address, host: '', isForeign: false };
  return { ...planned, address, host: reading.address.host };
}
