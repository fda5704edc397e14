/**
 * One delivery whose turn has come: decides whether it is attempted, transmits the report, notes the outcome in the ledger, then logs it.
 *
 * Do, then mark: a crash in between transmits the report again under the same report-id, which receivers can recognise, whereas
 * marking first could lose it. Only the start of a transmission is marked first, so that the report is not built anew meanwhile.
 *
 * RFC 8460 5.5, 7. Events: report-held-back, report-delivered, report-deferred, report-refused, report-expired, report-suppressed.
 */
import type { Log } from '#events/event.ts';
import {
  reportDeferred,
  reportDelivered,
  reportExpired,
  reportHeldBack,
  reportRefused,
  reportSuppressed,
} from '#events/send-events.ts';
import type { DeliveryResult } from '#store/outbox-entries.ts';
import type { Clock } from '#support/clock.ts';
import { isWaiting } from '#tlsrpt/delivery.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import { endOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import { LedgerFailure } from './day-ledger.ts';
import type { DayLedger } from './day-ledger.ts';
import type { HostItems } from './daily-shares.ts';
import type { DestinationBook } from './destination-book.ts';
import { heldBack } from './held-back.ts';
import type { MailServerTrouble } from './mail-server-trouble.ts';
import { planDelivery } from './planned-delivery.ts';
import type { PlannedDelivery } from './planned-delivery.ts';
import type { DeliveryOutcome, ReportTransport } from './report-transport.ts';
import { nextAttemptMs, putOffSpreadMs } from './retry-policy.ts';
import type { SilentReceivers } from './silent-receivers.ts';

export interface QueuedDelivery {
  readonly ledger: DayLedger;
  /** By which the ledger knows the delivery. */
  readonly number: number;
}

export interface Deliverers {
  readonly transports: Readonly<Record<Destination['scheme'], ReportTransport>>;
  readonly clock: Clock;
  /** Milliseconds since some moment, without jumps. */
  readonly steadyMs: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Why a delivery must wait until the operator has changed something; undefined when it need not. */
  readonly whyHeldBack: (delivery: Delivery) => string | undefined;
}

export interface AttemptOptions extends Deliverers {
  readonly destinations: DestinationBook;
  readonly silent: SilentReceivers;
  readonly trouble: MailServerTrouble;
  /** The hosts whose turn comes soon, by the way out. */
  readonly upcoming: (way: string) => Iterable<HostItems>;
}

/** Ends without an outcome when the ledger fails, which ends the work on its day alone. */
export async function attemptDelivery({ ledger, number }: QueuedDelivery, options: AttemptOptions): Promise<void> {
  await unlessLedgerFails(async () => {
    const delivery = ledger.delivery(number);
    if (delivery && isWaiting(delivery)) await attempt(ledger, planDelivery(delivery), options);
  });
  await ledger.settle();
}

async function unlessLedgerFails(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof LedgerFailure)) throw error;
  }
}

async function attempt(ledger: DayLedger, planned: PlannedDelivery, options: AttemptOptions): Promise<void> {
  const { delivery, address, receiver } = planned;
  const { destinations, silent } = options;
  if (destinations.isSuppressed(address)) return endSuppressed(ledger, delivery, options.log);
  if (silent.leaves(receiver)) return;
  const why = options.whyHeldBack(delivery);
  if (why !== undefined) return holdBack(ledger, delivery, why, options);
  if (!(await isAdmitted(ledger, planned, options))) return ledger.noteResult(putOffUntilTomorrow(delivery, options));
  const [startedMs, startedSteadyMs] = [options.clock.nowMs(), options.steadyMs()];
  const outcome = await outcomeOf(ledger, planned, options);
  silent.note({ receiver, outcome, tookMs: options.steadyMs() - startedSteadyMs });
  const finish = (final: DeliveryOutcome): Promise<void> =>
    noteOutcome(ledger, { planned, outcome: final, startedMs }, options);
  if (outcome.kind !== 'refused' || outcome.whose === undefined) return finish(outcome);
  const { reply, whose } = outcome;
  await judgeRefusal(ledger, { planned, reply, whose, finish }, options.trouble);
}

interface MailServerRefusal {
  readonly planned: PlannedDelivery;
  readonly reply: string;
  readonly whose: 'ours' | 'unclear';
  /** Notes as what it counts. */
  readonly finish: (outcome: DeliveryOutcome) => Promise<void>;
}

/** What our own mail server has against us defers the delivery; it is held against nobody. */
async function judgeRefusal(ledger: DayLedger, refusal: MailServerRefusal, trouble: MailServerTrouble): Promise<void> {
  const { planned, reply, whose, finish } = refusal;
  const settle = async (isOurs: boolean): Promise<void> => {
    if (isOurs) trouble.note(reply);
    await finish(isOurs ? { kind: 'deferred', reply, isOurs } : { kind: 'refused', reply });
  };
  if (whose === 'ours') return settle(true);
  ledger.expect();
  await trouble.hold({
    planned,
    reply,
    settle: async (isOurs) => {
      await unlessLedgerFails(() => settle(isOurs));
      await ledger.settle();
    },
  });
}

async function holdBack(ledger: DayLedger, delivery: Delivery, why: string, options: AttemptOptions): Promise<void> {
  options.log(reportHeldBack(delivery, why));
  await ledger.noteResult(heldBack(delivery, { why, nowMs: options.clock.nowMs() }));
}

/** Ends a delivery that nobody is contacted for. */
async function endSuppressed(ledger: DayLedger, delivery: Delivery, log: Log): Promise<void> {
  const { reportId, destination, attempts, firstAttemptMs } = delivery;
  await ledger.noteResult({
    reportId,
    destination,
    attempts,
    firstAttemptMs,
    state: 'suppressed',
    lastResult: 'the address is suppressed',
    nextAttemptMs: undefined,
  });
  log(reportSuppressed(delivery));
}

/** Retries are not counted again: what counts is how many reports a host is given (RFC 8460 7). */
function isAdmitted(
  ledger: DayLedger,
  planned: PlannedDelivery,
  { upcoming }: AttemptOptions,
): boolean | Promise<boolean> {
  const { delivery, receiver, reading, isForeign } = planned;
  if (!isForeign || reading.kind === 'unusable' || delivery.attempts > 0) return true;
  return ledger.admit(receiver.host, () => upcoming(receiver.way));
}

/** It was not attempted, so its 24 hours have not begun. */
function putOffUntilTomorrow(delivery: Delivery, { clock, random }: AttemptOptions): DeliveryResult {
  const { reportId, destination, state, attempts, firstAttemptMs } = delivery;
  const tomorrowMs = endOfDayMs(utcDayOf(clock.nowMs()));
  return {
    reportId,
    destination,
    state,
    attempts,
    firstAttemptMs,
    lastResult: 'put off: its host has had as many reports today as it may get',
    nextAttemptMs: tomorrowMs + Math.floor(random() * putOffSpreadMs),
  };
}

async function outcomeOf(
  ledger: DayLedger,
  { delivery: { reportId, destination }, reading }: PlannedDelivery,
  { transports }: AttemptOptions,
): Promise<DeliveryOutcome> {
  const report = ledger.report(reportId);
  if (!report) throw new Error(`${reportId} has a delivery, but is not in the outbox`);
  if (reading.kind === 'unusable') return { kind: 'refused', reply: `${destination} cannot be used: ${reading.why}` };
  if (!report.transmissionStarted) await ledger.startTransmission(reportId);
  return transports[reading.address.scheme].deliver(report.outgoing, reading.address);
}

interface EndedAttempt {
  readonly planned: PlannedDelivery;
  readonly outcome: DeliveryOutcome;
  readonly startedMs: number;
}

async function noteOutcome(ledger: DayLedger, ended: EndedAttempt, options: AttemptOptions): Promise<void> {
  const { planned, startedMs } = ended;
  const { delivery, address, isForeign } = planned;
  const result = resultOf(ended, options);
  await ledger.noteResult(result);
  tell(result, delivery, isOurs(ended.outcome) && result.state === 'deferred' ? quietly(options.log) : options.log);
  const { state, lastResult } = result;
  if (isForeign) await options.destinations.note({ address, state, result: lastResult, atMs: startedMs });
}

interface AttemptResult extends DeliveryResult {
  readonly state: DeliveryOutcome['kind'] | 'expired';
}

function resultOf({ planned, outcome, startedMs }: EndedAttempt, { clock, random }: AttemptOptions): AttemptResult {
  const { reportId, destination, attempts: before, firstAttemptMs: storedFirstMs = startedMs } = planned.delivery;
  const attempts = before + 1;
  const firstAttemptMs = Math.min(storedFirstMs, startedMs); // the clock may have been ahead then
  const times = { firstAttemptMs, lastAttemptMs: startedMs };
  const attempted = { reportId, destination, attempts, ...times, lastResult: outcome.reply };
  if (outcome.kind !== 'deferred') return { ...attempted, state: outcome.kind, nextAttemptMs: undefined };
  const next = nextAttemptMs({
    attempts,
    firstAttemptMs,
    nowMs: clock.nowMs(),
    retryAfterMs: outcome.retryAfterMs,
    random,
  });
  return { ...attempted, state: next === undefined ? 'expired' : 'deferred', nextAttemptMs: next };
}

function isOurs(outcome: DeliveryOutcome): boolean {
  return outcome.kind === 'deferred' && outcome.isOurs === true;
}

/** What keeps all mails from leaving is not a warning about each of them. */
function quietly(log: Log): Log {
  return (event) => {
    log(event.level === 'warning' ? { ...event, level: 'info' } : event);
  };
}

function tell({ state, lastResult, nextAttemptMs: nextMs }: AttemptResult, delivery: Delivery, log: Log): void {
  switch (state) {
    case 'delivered':
      log(reportDelivered(delivery, lastResult));
      break;
    case 'refused':
      log(reportRefused(delivery, lastResult));
      break;
    case 'expired':
      log(reportExpired(delivery, lastResult));
      break;
    case 'deferred':
      log(reportDeferred(delivery, lastResult, new Date(nextMs ?? 0).toISOString()));
      break;
  }
}
