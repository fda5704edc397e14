/**
 * Tells the operator what is new about the failures that others report, as `[notify]` wants it.
 *
 * Problems: usage-error where there is no way to tell it; configuration-error.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { failuresLeftOut, noticesBegunAnew, noticesHeldBack } from '#events/notice-events.ts';
import { FailureExamples } from '#pipeline/inbound/failure-examples.ts';
import { noteFailures } from '#pipeline/inbound/note-failures.ts';
import { noteWeek } from '#pipeline/inbound/note-week.ts';
import { tellNotices } from '#pipeline/notify/tell-notices.ts';
import type { NoticeWay } from '#pipeline/notify/notice-way.ts';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';
import type { Store } from '#store/store.ts';
import { Problem } from '#support/problem.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import { usageError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { failureNotice } from '#cli/output/failure-notice.ts';
import { weekNotice } from '#cli/output/week-notice.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { stoppingInOrder } from './stopping-in-order.ts';

export interface FailureNotices {
  /** A report that may have an example of what is news. */
  add(reading: Parameters<FailureExamples['add']>[0]): void;
  /** Of what the store holds by now. How the command ends where that could not be told; else undefined. */
  tell(store: Store): Promise<ExitCode | undefined>;
}

/** Reads whatever the settings name, so that a wrong one ends the command before it has done anything. */
export async function readyToNotify(invocation: Invocation): Promise<FailureNotices> {
  const ways = await requestedWays(invocation);
  const examples = new FailureExamples();
  return {
    add: (reading) => {
      examples.add(reading);
    },
    tell: (store) => tellFailures({ store, ways, examples }, invocation),
  };
}

export async function requestedWays(invocation: Invocation): Promise<NoticeWay[]> {
  const { noticeWaysOf } = await import('./notice-ways.ts'); // the mail and web clients take a while to load
  const ways = noticeWaysOf(invocation);
  if (ways.length > 0) return ways;
  throw usageError(
    'Nobody would be told: set notify.mail, notify.webhook or notify.command in the configuration file, or --notify-mail ADDRESS.',
  );
}

interface Told {
  readonly store: Store;
  readonly ways: readonly NoticeWay[];
  readonly examples: FailureExamples;
}

async function tellFailures({ store, ways, examples }: Told, invocation: Invocation): Promise<ExitCode | undefined> {
  const { clock, log, given, settings } = invocation;
  const trouble = new Trouble(log);
  const madeMs = clock.nowMs();
  const making = { madeMs, host: hostname(), commands: new ShellCommands(settings.dnsServers) };
  const noting = {
    store,
    today: utcDayOf(madeMs),
    verifiedOnly: given.has('require-dkim'),
    ways: ways.map(({ name }) => name),
    note: trouble.note,
  };
  try {
    if (await store.notices.beginAnewWhereDamaged()) log(noticesBegunAnew());
    await noteFailures({
      ...noting,
      noticeOf: (changes) =>
        failureNotice(changes, { ...making, id: randomUUID(), exampleOf: (change) => examples.of(change) }),
      heldBack: (changes) => {
        log(noticesHeldBack(changes));
      },
      leftOut: (failures) => {
        log(failuresLeftOut(failures));
      },
    });
    if (settings.notifyWeekly)
      await noteWeek({ ...noting, noticeOf: (sums) => weekNotice(sums, { ...making, id: randomUUID() }) });
    const waiting = await stoppingInOrder((stop) => tellNotices({ notices: store.notices, ways, log, stop }));
    return trouble.exitCode ?? (waiting > 0 ? exitCode.tryAgainLater : undefined);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    trouble.note(error);
    return trouble.exitCode;
  } finally {
    await Promise.all(ways.map((way) => way.close()));
  }
}
