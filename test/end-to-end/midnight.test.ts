/**
 * The executable at midnight UTC, on a clock that the test sets.
 *
 * Arrival is when the collector takes a datagram out of the kernel's queue. An outsider knows of a datagram that it arrived before
 * midnight when the queue was seen empty before midnight, and that it arrived after midnight when it was sent after midnight. In
 * between it may count for either day; but all take the same way in the same order, so the days must meet at one datagram. The disk is slow
 * meanwhile, so what tallies and writes is late; that must make no difference.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StateDirectory } from '#store/state-directory.ts';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { DatagramSender } from '#test/support/datagram-sender.ts';
import { has } from '#test/support/real-parts.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { startCollector } from '#test/support/running-collector.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SessionStream } from '#test/support/session-stream.ts';
import { ShiftedClock } from '#test/support/shifted-clock.ts';
import { until } from '#test/support/until.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const SLOW_DISK = fileURLToPath(new URL('../support/slow-disk.cjs', import.meta.url));
const LONG_MS = 400_000;
const [DAY, NEXT_DAY] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];
const MIDNIGHT_MS = Date.parse(`${NEXT_DAY}T00:00:00Z`);
/** Taken and stamped are two steps, and the system may let somebody else run in between. */
const TO_STAMP_MS = 50;

class Place {
  readonly directory = scratchDirectory();
  readonly socket = join(this.directory, 'socket');
  readonly state = new StateDirectory(join(this.directory, 'state'));
  readonly clock: ShiftedClock;
  readonly #slowDisk = join(this.directory, 'slow');

  constructor(time: string) {
    this.clock = new ShiftedClock(this.directory, time);
  }

  get environment(): Readonly<Record<string, string>> {
    const { NODE_OPTIONS = '', ...clock } = this.clock.environment;
    return { ...clock, NODE_OPTIONS: `${NODE_OPTIONS} --require ${SLOW_DISK}`, SLOW_DISK: this.#slowDisk };
  }

  slowDown(): void {
    writeFileSync(this.#slowDisk, '');
  }

  speedUp(): void {
    rmSync(this.#slowDisk);
  }

  isClosed(day: UtcDay): boolean {
    return existsSync(this.fileOf(day)) && !this.state.unfinishedSessionDays().includes(day);
  }

  fileOf(day: UtcDay): string {
    return `${this.state.sessionStem(day)}.sqlite`;
  }

  /** What the sqlite3 shell answers. */
  ask(day: UtcDay, sql: string): string[] {
    const answer = execFileSync('sqlite3', [this.fileOf(day), sql], { encoding: 'utf8', maxBuffer: 1e9 });
    return answer.split('\n').slice(0, -1);
  }

  sums(day: UtcDay): string[] {
    return this.ask(
      day,
      `SELECT value FROM counters WHERE name = 'datagrams';
       SELECT sum(successful_sessions), sum(failed_sessions) FROM policies;
       SELECT ifnull(sum(failed_sessions), 0) FROM failures;
       PRAGMA integrity_check;`,
    );
  }

  domains(day: UtcDay): string[] {
    return this.ask(day, 'SELECT domain FROM policies ORDER BY CAST(substr(domain, 2) AS INTEGER)');
  }
}

/** Every one for a domain of its own. */
function session(index: number): { domain: string; failed: boolean } {
  return { domain: `n${String(index)}.example`, failed: index % 4 === 0 };
}

function domainsOf(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => session(from + index).domain);
}

function sumsOf(from: number, to: number): string[] {
  const sessions = Array.from({ length: to - from }, (_, index) => session(from + index));
  const failed = sessions.filter((one) => one.failed).length;
  const successful = sessions.length - failed;
  return [String(sessions.length), `${String(successful)}|${String(failed)}`, String(failed), 'ok'];
}

describe.runIf(has('sqlite3'))('A collector at midnight', () => {
  it(
    'puts every datagram into the day of its arrival, closes the old day, and takes it up again when the clock is set back',
    async () => {
      const place = new Place(`${DAY}T23:59:50Z`);
      const { clock, environment } = place;
      const nowMs = (): number => clock.nowMs();
      const collector = await startCollector(place, { environment });
      let [surelyOld, surelyNew] = [0, Infinity];
      const onTick = ({ sent, isAllTaken }: SessionStream): void => {
        if (nowMs() >= MIDNIGHT_MS) surelyNew = Math.min(surelyNew, sent.length);
        else if (isAllTaken && nowMs() < MIDNIGHT_MS - TO_STAMP_MS) surelyOld = sent.length;
      };
      const stream = new SessionStream({ socket: place.socket, nowMs, session, onTick });
      onTestFinished(() => stream.stop());
      await until(() => nowMs() > MIDNIGHT_MS - 1_500);
      place.slowDown();
      await until(() => nowMs() > MIDNIGHT_MS + 1_000);
      place.speedUp();
      await until(() => place.isClosed(DAY));
      const old = place.domains(DAY).length;
      expect(place.domains(DAY)).toEqual(domainsOf(0, old));
      expect(place.sums(DAY)).toEqual(sumsOf(0, old));
      expect(surelyOld).toBeGreaterThan(0);
      expect(old).toBeGreaterThanOrEqual(surelyOld);
      expect(old).toBeLessThanOrEqual(surelyNew);

      clock.set(`${DAY}T23:00:00Z`);
      const unreadable = await sendUntilKeptOn(DAY, place);
      const sentOnOldDay = stream.sent.length;
      await until(() => stream.sent.length > sentOnOldDay + 1_000);
      await stream.stop();
      collector.kill('SIGTERM');
      const { exitCode, stderr } = await collector.ended;
      expect(exitCode).toBe(0);
      expect(stderr.match(/clock-set/g)).toHaveLength(1);
      expect(place.state.unfinishedSessionDays()).toContain(DAY);

      clock.set('2026-11-21T00:10:00Z');
      await startCollector(place, { environment });
      for (const day of [DAY, NEXT_DAY]) await until(() => place.isClosed(day));
      const [again, next] = [place.domains(DAY), place.domains(NEXT_DAY)];
      const taken = old + next.length;
      expect(next).toEqual(domainsOf(old, taken));
      expect(again).toEqual([...domainsOf(0, old), ...domainsOf(taken, stream.sent.length)]);
      const [first, second] = [DAY, NEXT_DAY].map((day) => Number(place.sums(day)[0]));
      expect(Number(first) + Number(second)).toBe(stream.sent.length + unreadable);
    },
    LONG_MS,
  );

  it('that was not running then, or for days, closes the old days when it starts', async () => {
    const place = new Place(`${DAY}T23:00:00Z`);
    const { clock, environment, state, socket } = place;
    const killed = await startCollector(place, { environment });
    sendDatagrams(
      socket,
      Array.from({ length: 100 }, (_, index) => datagramOf(index)),
    );
    killed.kill('SIGTERM');
    await killed.ended;
    clock.set(`${NEXT_DAY}T12:00:00Z`);
    const lines = linesOf(Array.from({ length: 50 }, (_, index) => datagramOf(index)));
    await runTlsrpt(['collect', '--stdin', '--state-dir', state.path], { environment, stdin: lines });
    expect(state.unfinishedSessionDays()).toEqual([DAY, NEXT_DAY]);

    clock.set('2026-11-24T00:00:01Z');
    const collector = await startCollector(place, { environment });
    await until(() => place.isClosed(DAY) && place.isClosed(NEXT_DAY));
    expect(place.domains(DAY)).toEqual(domainsOf(0, 100));
    expect([place.sums(DAY), place.sums(NEXT_DAY)]).toEqual([sumsOf(0, 100), sumsOf(0, 50)]);
    collector.kill('SIGTERM');
    expect(await collector.ended).toMatchObject({ exitCode: 0 });
    expect(state.unfinishedSessionDays()).toEqual(['2026-11-24']);
  });
});

function datagramOf(index: number): Buffer {
  const { domain, failed } = session(index);
  return makeDatagram({ domain, failures: failed ? [{ code: 201 }] : [] });
}

/** Until the collector has noticed what day it is: the name of what it cannot read tells. Returns how many of these were sent. */
async function sendUntilKeptOn(day: UtcDay, { socket, state }: Place): Promise<number> {
  const sender = new DatagramSender(socket);
  let sent = 0;
  const kept = (): string[] => (existsSync(state.quarantine) ? readdirSync(state.quarantine) : []);
  await until(() => {
    sent += sender.send(Buffer.from('?')) === 'sent' ? 1 : 0;
    return kept().some((name) => name.startsWith(day));
  });
  sender.close();
  return sent;
}
