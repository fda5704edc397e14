/**
 * What `read --store` keeps, in the state directory that the settings name: reports of others, and in the ledger which of our own came back. Reports
 * of others that are older than they are kept go before that.
 */
import { bouncesNoted, inboundStored } from '#events/read-events.ts';
import type { BounceCounts, StoredCounts } from '#events/read-events.ts';
import { dayAgesUnknown, oldDayRemoved } from '#events/retention-events.ts';
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import { StoredReadings } from '#pipeline/read/stored-readings.ts';
import { NotedBounces } from '#pipeline/send/noted-bounces.ts';
import { giveBackLargeMemory } from '#support/large-memory.ts';
import type { Problem } from '#support/problem.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { readyToNotify } from './failure-notices.ts';
import { openStore } from './state.ts';

export interface KeptReadings {
  add(reading: InboundReading): Promise<void>;
  /**
   * Makes safe what was added until then; the names of the sources of which something is not: it could not be stored, or is a bounce of no delivery that
   * is known.
   */
  secure(): Promise<ReadonlySet<string>>;
  /** Stores what is left to store, and tells what is new where that is wanted; what became of all. */
  finish(): Promise<KeptCounts>;
  /** How a command ends that would end with `code`: what could not be stored comes first, then what could not be told. */
  endingOf(code: ExitCode): ExitCode;
}

export interface KeptCounts {
  readonly reports: StoredCounts;
  readonly bounces: BounceCounts;
}

/** Acts as the owner of the state directory from here on. */
export async function openKeptReadings(invocation: Invocation): Promise<KeptReadings> {
  giveBackLargeMemory(); // each large report passes through memory several times
  const { settings, clock, log, given } = invocation;
  const notices = given.has('notify') ? await readyToNotify(invocation) : undefined;
  const store = await openStore(invocation);
  const keepDays = settings.keepInboundDays;
  const today = utcDayOf(clock.nowMs());
  const isUnusual = given.text('keep-inbound-days') !== undefined;
  const ageless = ({ message }: Problem): void => {
    log(dayAgesUnknown(message));
  };
  for (const removed of await store.removeOldInbound({ today, countedFrom: today, keepDays }, ageless))
    log(oldDayRemoved(removed, isUnusual));
  const trouble = new Trouble(log);
  const readings = new StoredReadings({ inbound: store.inbound, keepDays, clock, note: trouble.note });
  const bounces = new NotedBounces({ store, clock, log, note: trouble.note });
  let told: ExitCode | undefined;
  return {
    add: async (reading) => {
      if (reading.kind === 'report') {
        notices?.add(reading);
        await readings.add(reading);
      } else if (reading.kind === 'bounce') await bounces.add(reading);
    },
    secure: async () => new Set([...(await readings.finish()), ...(await bounces.finish())]),
    finish: async () => {
      await readings.finish();
      await bounces.finish();
      log(inboundStored(readings.counts));
      log(bouncesNoted(bounces.counts));
      told = await notices?.tell(store);
      return { reports: readings.counts, bounces: bounces.counts };
    },
    endingOf: (code) => trouble.exitCode ?? told ?? code,
  };
}
