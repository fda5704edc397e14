/**
 * What send tells: one event for each attempt, once its outcome is in the ledger.
 */
import type { Delivery } from '#tlsrpt/delivery.ts';
import { event } from './event.ts';
import type { Facts, LogEvent } from './event.ts';

type DeliveryName = Pick<Delivery, 'reportId' | 'policyDomain' | 'destination'>;

export function reportDelivered(delivery: DeliveryName, reply: string): LogEvent {
  return event(
    'info',
    'report-delivered',
    `The report on ${delivery.policyDomain} was accepted by ${delivery.destination}: ${reply}`,
    factsOf(delivery, reply),
  );
}

export function reportDeferred(delivery: DeliveryName, reply: string, nextAttempt: string): LogEvent {
  return event(
    'warning',
    'report-deferred',
    `The report on ${delivery.policyDomain} could not be delivered to ${delivery.destination} yet; it is due again at ${nextAttempt}: ${reply}`,
    { ...factsOf(delivery, reply), nextAttempt },
  );
}

export function reportRefused(delivery: DeliveryName, reply: string): LogEvent {
  return event(
    'warning',
    'report-refused',
    `The report on ${delivery.policyDomain} was refused by ${delivery.destination}: ${reply}`,
    factsOf(delivery, reply),
  );
}

export function reportBounced(delivery: DeliveryName, words: string): LogEvent {
  return event(
    'warning',
    'report-bounced',
    `The mail with the report on ${delivery.policyDomain} could not be brought to ${delivery.destination}, and came back: ${words}`,
    factsOf(delivery, words),
  );
}

export function reportExpired(delivery: DeliveryName, reply: string): LogEvent {
  return event(
    'warning',
    'report-expired',
    `The report on ${delivery.policyDomain} was given up: it could not be delivered to ${delivery.destination} within 24 hours: ${reply}`,
    factsOf(delivery, reply),
  );
}

export function reportSuppressed(delivery: DeliveryName): LogEvent {
  return event(
    'info',
    'report-suppressed',
    `The report on ${delivery.policyDomain} was not sent to ${delivery.destination}, which is suppressed.`,
    factsOf(delivery),
  );
}

export function reportHeldBack(delivery: DeliveryName, why: string): LogEvent {
  return event(
    'warning',
    'report-held-back',
    `The report on ${delivery.policyDomain} is not sent to ${delivery.destination} as things are: ${why}`,
    { ...factsOf(delivery), why },
  );
}

export function destinationSuppressed(address: string, untilMs: number, reason: string): LogEvent {
  const until = new Date(untilMs).toISOString();
  return event('warning', 'destination-suppressed', `${address} gets no reports until ${until}: ${reason}`, {
    destination: address,
    until,
    reason,
  });
}

export function destinationCeilingReached(host: string, putOff: number, ceiling: number): LogEvent {
  return event(
    'warning',
    'destination-ceiling-reached',
    `${host} has had ${String(ceiling)} reports today; ${String(putOff)} more wait for tomorrow.`,
    { destination: host, putOff, ceiling },
  );
}

export function hostCountsSetAside(file: string): LogEvent {
  return event(
    'warning',
    'host-counts-set-aside',
    `What hosts were given today could not be read, and is counted anew; the damaged file is kept as ${file}.`,
    { file },
  );
}

export function destinationSilent(receiver: string, waiting: number): LogEvent {
  return event(
    'warning',
    'destination-silent',
    `${receiver} was silent or slow again and again; ${String(waiting)} more deliveries wait for the next run.`,
    { destination: receiver, waiting },
  );
}

export function mailServerRefuses(refused: number, reply: string): LogEvent {
  return event(
    'warning',
    'mail-server-refuses',
    `Our own mail server did not take ${String(refused)} mails for a reason that has nothing to do with their receivers; they are tried again: ${reply}`,
    { refused, reply },
  );
}

export function sendStopping(): LogEvent {
  return event(
    'warning',
    'send-stopping',
    'Told to stop: nothing more is begun, and what is under way comes to its end. A second signal ends it at once.',
  );
}

/** `setting` names what takes the mails. */
export function mailsWaiting(setting: string, why: string): LogEvent {
  return event('warning', 'mails-waiting', `Mails cannot be handed over, so they wait (see ${setting}): ${why}`, {
    setting,
    why,
  });
}

export function copySent(reportId: string, to: string, reply: string): LogEvent {
  return event('info', 'copy-sent', `A copy of the mail with the report ${reportId} went to ${to}: ${reply}`, {
    reportId,
    to,
    reply,
  });
}

export function copyFailed(reportId: string, to: string, reply: string): LogEvent {
  return event(
    'warning',
    'copy-failed',
    `The mail with the report ${reportId} was delivered, but no copy of it to ${to}: ${reply}`,
    { reportId, to, reply },
  );
}

function factsOf({ reportId, policyDomain, destination }: DeliveryName, reply?: string): Facts {
  return { reportId, policyDomain, destination, ...(reply === undefined ? {} : { reply }) };
}
