/**
 * Counts a datagram for a day, when the day takes it, as the collector does.
 */
import type { OpenDay } from '#pipeline/collect/open-day.ts';
import type { Receiver } from '#pipeline/collect/receiver.ts';

/** Returns whether it is taken. The numbers are those of one generation. */
export function takeDatagram(day: OpenDay, number: number, bytes: Buffer, receiver: Receiver): boolean {
  const isTaken = day.takes(number, 0, bytes, receiver);
  if (isTaken) day.count(number, 0, bytes, receiver);
  return isTaken;
}
