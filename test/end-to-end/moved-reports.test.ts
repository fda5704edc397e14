/**
 * A host that changes from sys4 in the middle of a day, and whose import is killed, at one moment of its work on the state directory after the
 * other (in the suite: at some, see swept.ts). The timer of the report fires right then, and again once the import was repeated: nothing that
 * sys4's reporter had delivered is reported again, and in the end each session is reported once.
 */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { killAtEachMoment, killedAt } from '#test/support/kill-at-each-moment.ts';
import { preloadAll } from '#test/support/preload.ts';
import { run } from '#test/support/run-program.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { ShiftedClock } from '#test/support/shifted-clock.ts';
import { isSwept } from '#test/support/swept.ts';
import {
  built,
  deliveriesOn,
  install,
  moved,
  newlyReported,
  seen,
  sessionsOn,
} from '#test/support/sys4-installation.ts';

const LONG_MS = 300_000;
const STRIDE = 17;

/** What is reported from here in the end; what sys4's reporter had built stays as it is. */
const EXPECTED: Readonly<Record<string, number>> = { 'sent.example': 4, 'unreported.example': 1 };
const DELIVERIES = [
  'mailto:tls@sent.example delivered',
  'mailto:tls@sent.example queued',
  'mailto:tls@unreported.example queued',
  'mailto:tls@waits.example queued',
];

class Host {
  readonly directory: string;
  readonly state: string;

  private constructor(directory: string, state: string) {
    this.directory = directory;
    this.state = state;
  }

  /** One domain was seen by both collectors, before and after the change. */
  static async make(): Promise<Host> {
    const yesterday = [...seen('sent.example', 3), ...seen('waits.example', 2), ...seen('unreported.example', 1)];
    const reports = [
      built(yesterday, 'sent.example', { 'mailto:tls@sent.example': 'sent' }),
      built(yesterday, 'waits.example', { 'mailto:tls@waits.example': null }),
    ];
    const ours = await CollectedDays.make();
    ours.collect(seen('sent.example', 4));
    return new Host(await install({ yesterday, today: seen('sent.example', 2), reports }), ours.store.path);
  }

  /** Returns whether it was. */
  async importKilledAt(moment: number): Promise<boolean> {
    const words = ['import', 'sys4', '--from', this.directory, '--to', join(this.directory, 'tlsrpt.toml')];
    const { environment } = new ShiftedClock(this.directory, '2026-11-20T06:00:00Z');
    const { signal } = await runTlsrpt([...words, '--state-dir', this.state], {
      environment: preloadAll(environment, killedAt(moment, this.state)),
    });
    return signal === 'SIGKILL';
  }

  /** By domain. */
  async report(): Promise<Record<string, number>> {
    const words = ['report', '--day', DAY, '--contact', 'tls@sender.example', '--organization', 'Sender'];
    expect(await run(words, { stateDir: this.state })).toMatchObject({ code: 0, stderr: '' });
    return newlyReported(this.state, DAY);
  }
}

it(
  'What sys4 delivered is not reported again, and all else is, whenever import sys4 is killed and a report follows',
  { timeout: LONG_MS },
  async () => {
    const killed = await killAtEachMoment(async (moment) => {
      if (!isSwept(moment, STRIDE)) return true;
      const host = await Host.make();
      const wasKilled = await host.importKilledAt(moment);
      const early = Object.entries(await host.report());
      expect([moment, early.filter(([domain, sessions]) => sessions > (EXPECTED[domain] ?? 0))]).toEqual([moment, []]);
      expect([moment, await moved(host.directory, host.state)]).toMatchObject([moment, { code: 0, stderr: '' }]);
      expect([moment, await host.report()]).toEqual([moment, EXPECTED]);
      expect([moment, await deliveriesOn(host.state, DAY)]).toEqual([moment, DELIVERIES]);
      expect([moment, await sessionsOn(host.state, DAY)]).toEqual([moment, 10]);
      return wasKilled;
    });
    expect(killed).toBeGreaterThan(60);
  },
);
