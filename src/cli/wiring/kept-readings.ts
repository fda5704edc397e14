/**
 * What `read --store` keeps, in the state directory that the settings name: reports of others, and in the ledger which of our own came back. Reports
 * of others that are older than they are kept go before that.
 */
import { bouncesNoted, inboundStored } from '#events/read-events.ts';
import type { BounceCounts, StoredCounts } from '#events/read-events.ts';
import { oldDayRemoved } from '#events/retention-events.ts';
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import { StoredReadings } from '#pipeline/read/stored-readings.ts';
import { NotedBounces } from '#pipeline/send/noted-bounces.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { openStore } from './state.ts';

export interface KeptReadings {
  add(reading: InboundReading): Promise<void>;
  /** Stores what is left to store; what became of all. */
  finish(): Promise<KeptCounts>;
  /** Undefined while everything could be stored. */
  readonly exitCode: ExitCode | undefined;
}

export interface KeptCounts {
  readonly reports: StoredCounts;
  readonly bounces: BounceCounts;
}

/** Acts as the owner of the state directory from here on. */
export async function openKeptReadings(invocation: Invocation): Promise<KeptReadings> {
  const { settings, clock, log, given } = invocation;
  const store = await openStore(invocation);
  const keepDays = settings.keepInboundDays;
  const today = utcDayOf(clock.nowMs());
  const isUnusual = given.text('keep-inbound-days') !== undefined;
  for (const removed of await store.removeOldInbound({ today, countedFrom: today, keepDays }))
    log(oldDayRemoved(removed, isUnusual));
  const trouble = new Trouble(log);
  const readings = new StoredReadings({ inbound: store.inbound, keepDays, clock, note: trouble.note });
  const bounces = new NotedBounces({ store, clock, log, note: trouble.note });
  return {
    add: async (reading) => {
      if (reading.kind === 'report') await readings.add(reading);
      else if (reading.kind === 'bounce') await bounces.add(reading.bounce);
    },
    finish: async () => {
      await readings.finish();
      await bounces.finish();
      log(inboundStored(readings.counts));
      log(bouncesNoted(bounces.counts));
      return { reports: readings.counts, bounces: bounces.counts };
    },
    get exitCode() {
      return trouble.exitCode;
    },
  };
}
