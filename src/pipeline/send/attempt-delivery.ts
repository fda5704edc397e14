/**
 * One delivery whose turn has come: decides whether it is attempted, transmits the report, notes the outcome in the ledger, then logs it.
 *
 * Do, then mark: a crash in between transmits the report again under the same report-id, which receivers can recognise, whereas
 * marking first could lose it. Only the start of each attempt is marked first: the report is not built anew meanwhile, and nothing leaves
 * while the ledger cannot be written, as an outcome that is not noted has the report transmitted again by the next run.
 *
 * While an outcome goes to the disk, the next delivery has its turn: the start of its transmission goes there together with that outcome.
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
import type { DeliveryResult, StoredReport } from '#store/outbox/outbox-entries.ts';
import type { Clock } from '#support/clock.ts';
import { internalError } from '#support/internal-error.ts';
import { messageOf, Problem } from '#support/problem.ts';
import { isWaiting } from '#tlsrpt/delivery.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import { endOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import { resultOf } from './attempt-result.ts';
import type { BounceTokens } from './bounce-tokens.ts';
import type { AttemptResult, EndedAttempt } from './attempt-result.ts';
import { LedgerFailure } from './day-ledger.ts';
import type { DayLedger } from './day-ledger.ts';
import type { HostItems } from './daily-shares.ts';
import type { DeliverySharing } from './delivery-sharing.ts';
import type { DestinationBook } from './destination-book.ts';
import { heldBack } from './held-back.ts';
import type { MailServerTrouble } from './mail-server-trouble.ts';
import { noteResult } from './note-result.ts';
import { planDelivery } from './planned-delivery.ts';
import type { PlannedDelivery } from './planned-delivery.ts';
import type { DeliveryOutcome, ReportTransport } from './report-transport.ts';
import { putOffSpreadMs } from './retry-policy.ts';
import type { SilentReceivers } from './silent-receivers.ts';
import type { Transmissions } from './transmissions.ts';

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
  /** Undefined where envelopes name no deliveries. */
  readonly bounceTokens?: BounceTokens | undefined;
  /** Undefined where all deliveries are this reporter's. */
  readonly sharing?: DeliverySharing | undefined;
}

export interface AttemptOptions extends Deliverers {
  readonly destinations: DestinationBook;
  readonly silent: SilentReceivers;
  readonly trouble: MailServerTrouble;
  readonly transmissions: Transmissions;
  /** Called once the receiver has answered: another delivery may have its turn. */
  readonly giveSlotFree: () => void;
  /** The hosts whose turn comes soon, by the way out. */
  readonly upcoming: (way: string) => Iterable<HostItems>;
  /** Called for a delivery that fails for a reason that nobody foresaw; the others go on. */
  readonly deliveryFailed: (problem: Problem) => void;
}

/** Whatever fails about one delivery ends that one alone, and is told; what the operator has to mend first is thrown. */
export async function attemptDelivery(queued: QueuedDelivery, options: AttemptOptions): Promise<void> {
  const { ledger, number } = queued;
  await withinDelivery(options, async () => {
    const delivery = ledger.delivery(number);
    if (delivery && isWaiting(delivery)) await attempt(queued, delivery, options);
  });
  await ledger.settle();
}

/** What the ledger could not do, it has told. */
async function withinDelivery(
  { deliveryFailed }: Pick<AttemptOptions, 'deliveryFailed'>,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof LedgerFailure) return;
    if (error instanceof Problem) throw error;
    deliveryFailed(internalError(error, 'The work on a delivery ended early'));
  }
}

/** The report is read once it is clear that it is to be transmitted. */
async function attempt({ ledger, number }: QueuedDelivery, delivery: Delivery, options: AttemptOptions): Promise<void> {
  const planned = planDelivery(delivery);
  const suppression = options.destinations.suppressionOf(planned);
  if (suppression === 'active') return endSuppressed(ledger, delivery, options);
  if (suppression === 'unknown' || options.silent.leaves(planned.receiver)) return;
  const why = options.whyHeldBack(delivery);
  if (why !== undefined) return holdBack(ledger, delivery, why, options);
  if (!(await isAdmitted(ledger, planned, options)))
    return noteResult(ledger, { delivery, result: putOffUntilTomorrow(delivery, options) }, options);
  const report = ledger.reportToDeliver(number);
  if (!report) return;
  const token = options.bounceTokens?.of({ day: ledger.day, number }, delivery);
  const transmit = await startTransmission(ledger, { planned, report, token }, options);
  await options.transmissions.begin(() => makeAttempt(ledger, { planned, transmit }, options));
}

type Transmit = () => Promise<DeliveryOutcome>;

interface ReadyDelivery {
  readonly planned: PlannedDelivery;
  readonly report: StoredReport;
  readonly token: string | undefined;
}

/** Notes that it is started, and returns how it goes on. */
async function startTransmission(
  ledger: DayLedger,
  { planned: { delivery, reading }, report, token }: ReadyDelivery,
  { transports, deliveryFailed }: AttemptOptions,
): Promise<Transmit> {
  const { reportId, destination } = delivery;
  if (reading.kind === 'unusable')
    return () => Promise.resolve({ kind: 'refused', reply: `${destination} cannot be used: ${reading.why}` });
  await ledger.startTransmission(reportId);
  return async () => {
    try {
      return await transports[reading.address.scheme].deliver(report.outgoing, reading.address, token);
    } catch (error) {
      if (error instanceof Problem) throw error;
      deliveryFailed(internalError(error, `The delivery of ${reportId} to ${destination} failed and is tried again`));
      return { kind: 'deferred', reply: `internal error: ${messageOf(error)}`, isOurs: true };
    }
  };
}

interface StartedDelivery {
  readonly planned: PlannedDelivery;
  readonly transmit: Transmit;
}

/** What the deliveries before it have come to is in the ledger by now, or its day has failed. */
async function makeAttempt(
  ledger: DayLedger,
  { planned, transmit }: StartedDelivery,
  options: AttemptOptions,
): Promise<void> {
  const { destinations, silent, giveSlotFree, sharing } = options;
  ledger.requireWorking();
  if (sharing && !(await sharing.isOurs(planned.delivery))) return;
  if (destinations.suppressionOf(planned) === 'active') return endSuppressed(ledger, planned.delivery, options);
  const [startedMs, startedSteadyMs] = [options.clock.nowMs(), options.steadyMs()];
  const outcome = await transmit();
  const tookMs = options.steadyMs() - startedSteadyMs;
  silent.note({ receiver: planned.receiver, outcome, tookMs });
  giveSlotFree();
  const finish = (final: DeliveryOutcome): Promise<void> =>
    noteOutcome(ledger, { planned, outcome: final, startedMs, endedMs: startedMs + tookMs }, options);
  if (outcome.kind !== 'refused' || outcome.whose === undefined) return finish(outcome);
  const { reply, whose } = outcome;
  await judgeRefusal(ledger, { planned, reply, whose, finish }, options);
}

interface MailServerRefusal {
  readonly planned: PlannedDelivery;
  readonly reply: string;
  readonly whose: 'ours' | 'unclear';
  /** Notes as what it counts. */
  readonly finish: (outcome: DeliveryOutcome) => Promise<void>;
}

/** What our own mail server has against us defers the delivery; it is held against nobody. */
async function judgeRefusal(ledger: DayLedger, refusal: MailServerRefusal, options: AttemptOptions): Promise<void> {
  const { trouble } = options;
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
      await withinDelivery(options, () => settle(isOurs));
      await ledger.settle();
    },
  });
}

async function holdBack(ledger: DayLedger, delivery: Delivery, why: string, options: AttemptOptions): Promise<void> {
  options.log(reportHeldBack(delivery, why));
  const result = heldBack(delivery, { why, nowMs: options.clock.nowMs() });
  await noteResult(ledger, { delivery, result }, options);
}

/** Ends a delivery that nobody is contacted for. */
async function endSuppressed(ledger: DayLedger, delivery: Delivery, options: AttemptOptions): Promise<void> {
  const { reportId, destination, attempts, firstAttemptMs } = delivery;
  const ended = { reportId, destination, attempts, firstAttemptMs, nextAttemptMs: undefined };
  const result = { ...ended, state: 'suppressed', lastResult: 'the address is suppressed' } as const;
  await noteResult(ledger, { delivery, result }, options);
  options.log(reportSuppressed(delivery));
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

/** What follows from it for the next one is known before the others have heard of it. These hear of it also where it cannot be noted here. */
async function noteOutcome(ledger: DayLedger, ended: EndedAttempt, options: AttemptOptions): Promise<void> {
  const result = resultOf(ended, options.random);
  const tellOthers = async (): Promise<void> => options.sharing?.noted({ ...ended.planned.delivery, ...result });
  try {
    await ledger.noteResult(result);
  } catch (error) {
    await tellOthers();
    throw error;
  }
  await Promise.all([tellOthers(), concludeAttempt(ended, result, options)]);
}

async function concludeAttempt(ended: EndedAttempt, result: AttemptResult, options: AttemptOptions): Promise<void> {
  const { planned, startedMs } = ended;
  const { address, isForeign } = planned;
  await tellAsWhose(ended, result, options);
  const { state, lastResult } = result;
  if (isForeign) await options.destinations.note({ address, state, result: lastResult, atMs: startedMs });
}

/** What our own mail server puts off with the same words for many domains is told of once, as its refusals are. */
async function tellAsWhose(
  { planned, outcome }: EndedAttempt,
  result: AttemptResult,
  { log, trouble }: AttemptOptions,
): Promise<void> {
  const { delivery, receiver } = planned;
  const isPutOff = result.state === 'deferred';
  if (!isPutOff || isOurs(outcome) || receiver.way !== 'mailto') {
    tell(result, delivery, isPutOff && isOurs(outcome) ? quietly(log) : log);
    return;
  }
  const { reply } = outcome;
  const settle = (isAboutUs: boolean): Promise<void> => {
    if (isAboutUs) trouble.note(reply);
    tell(result, delivery, isAboutUs ? quietly(log) : log);
    return Promise.resolve();
  };
  await trouble.hold({ planned, reply, settle });
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
