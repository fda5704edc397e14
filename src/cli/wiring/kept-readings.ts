/**
 * What `read --store` keeps, in the state directory that the settings name; what is older than it is kept goes before that.
 */
import { inboundStored } from '#events/read-events.ts';
import type { StoredCounts } from '#events/read-events.ts';
import { oldDayRemoved } from '#events/retention-events.ts';
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import { StoredReadings } from '#pipeline/read/stored-readings.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { openStore } from './state.ts';

export interface KeptReadings {
  add(reading: Extract<InboundReading, { kind: 'report' }>): Promise<void>;
  /** Makes safe what was added until then; the names of the sources of which something is not. */
  secure(): Promise<ReadonlySet<string>>;
  /** Stores what is left to store; what became of all. */
  finish(): Promise<StoredCounts>;
  /** Undefined while everything could be stored. */
  readonly exitCode: ExitCode | undefined;
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
  return {
    add: (reading) => readings.add(reading),
    secure: () => readings.finish(),
    finish: async () => {
      await readings.finish();
      log(inboundStored(readings.counts));
      return readings.counts;
    },
    get exitCode() {
      return trouble.exitCode;
    },
  };
}
