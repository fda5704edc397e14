/**
 * A reporting address as somebody types it: a mailbox, or a mailto:, https: or directory: URI.
 *
 * Problems: usage-error.
 */
import { readDestination, receiverKey } from '#tlsrpt/destination.ts';
import { usageError } from '#cli/command.ts';

/** In the form that all spellings of the address share, so that it is found however a record writes it. */
export function requestedDestination(address: string): string {
  const reading = readDestination(/^(mailto|https|directory):/i.test(address) ? address : mailtoUri(address));
  if (reading.kind === 'unusable') throw usageError(`${address} is no reporting address: ${reading.why}.`);
  return receiverKey(reading.address);
}

function mailtoUri(mailbox: string): string {
  return `mailto:${encodeURIComponent(mailbox).replaceAll('!', '%21')}`;
}
