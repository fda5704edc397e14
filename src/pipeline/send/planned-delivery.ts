/**
 * A delivery with what its destination says about whom it goes to.
 */
import type { Delivery } from '#tlsrpt/delivery.ts';
import { readDestination, receiverKey, receivingHost } from '#tlsrpt/destination.ts';
import type { DestinationReading } from '#tlsrpt/destination.ts';
import type { Receiver } from './delivery-queue.ts';

export interface PlannedDelivery {
  readonly delivery: Delivery;
  readonly reading: DestinationReading;
  /** The form that all spellings of the destination share. */
  readonly address: string;
  readonly receiver: Receiver;
  /** False for a directory, which the operator chose: it may have any number of reports, and is not held to be dead. */
  readonly isForeign: boolean;
}

export function planDelivery(delivery: Delivery): PlannedDelivery {
  const reading = readDestination(delivery.destination);
  const receiver = receiverOf(reading);
  if (reading.kind === 'unusable')
    return { delivery, reading, address: delivery.destination, receiver, isForeign: true };
  const { address } = reading;
  return { delivery, reading, address: receiverKey(address), receiver, isForeign: address.scheme !== 'directory' };
}

/** What cannot be used goes nowhere, and waits for nobody. */
export function receiverOf(reading: DestinationReading): Receiver {
  if (reading.kind === 'unusable') return { way: 'none', host: '' };
  return { way: reading.address.scheme, host: receivingHost(reading.address) };
}
