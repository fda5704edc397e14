/**
 * The executable, killed at each moment at which it changes something on the disk, and at each step of its talk with receivers; then
 * run again undisturbed. Nothing is lost, nothing is counted twice, no report is built twice.
 */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { linesOf, recordedDatagrams } from '#test/support/datagrams.ts';
import { DeliveryStage } from '#test/support/delivery-stage.ts';
import type { DeliveryScene } from '#test/support/delivery-stage.ts';
import type { HttpsSinkOptions } from '#test/support/https-sink.ts';
import { killAtEachMoment, killedAt } from '#test/support/kill-at-each-moment.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { startTripwire } from '#test/support/tripwire.ts';
import type { Wire } from '#test/support/tripwire.ts';
import { until } from '#test/support/until.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** What the collector says of its own work. */
const OWN_FIGURES = ['ring-peak-bytes', 'checkpoints'];
const LONG_MS = 900_000;
const PAST_DAY = parseUtcDay('2026-01-02') as UtcDay;

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tlsrpt-crash-'));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

/** Everything that a day file says, in a form to compare. */
function contentOf(store: Store, day: UtcDay): unknown {
  const reader = store.sessions.read(day);
  if (!reader) return undefined;
  // The collector's figures about its own work come after the sessions.
  const counters = [...reader.counters()].filter(([name]) => !OWN_FIGURES.includes(name));
  const content = { counters: Object.fromEntries(counters), tallies: [...reader.domainTallies()] };
  expect(reader.integrityFaults()).toEqual([]);
  reader.close();
  return content;
}

function copyOf(store: Store, name: string): Promise<Store> {
  const path = join(root, name);
  cpSync(store.path, path, { recursive: true });
  return Store.open(path);
}

function collectLines(store: Store, day: UtcDay, options: Parameters<typeof runTlsrpt>[1] = {}): Promise<EndedRun> {
  return runTlsrpt(['collect', '--stdin', '--day', day, '--state-dir', store.path], options);
}

/** What is in no snapshot is read again, and what is unreadable in it is said again: nobody knows whether it was. */
function withoutUnreadable(stderr: string): string {
  return stderr.replaceAll(/^\S+ warning datagram-unreadable: .*\n/gm, '');
}

describe('A collector that is killed', () => {
  const datagrams = recordedDatagrams();

  /** A state directory whose collector was killed after it had stored all of `datagrams` in its journal. */
  async function killedCollector(name: string): Promise<{ store: Store; day: UtcDay }> {
    const store = await Store.open(join(root, name));
    const socket = join(root, `${name}.sock`);
    const collector = startTlsrpt(['collect', '--socket', socket, '--state-dir', store.path]);
    await collector.said('collector-ready');
    sendDatagrams(socket, datagrams);
    const stored = (): number => store.sessions.days().reduce((total, day) => total + datagramsOf(store, day), 0);
    await until(() => stored() === datagrams.length);
    collector.kill('SIGKILL');
    expect(await collector.ended).toMatchObject({ signal: 'SIGKILL' });
    const [day] = store.sessions.unfinishedDays();
    if (day === undefined) throw new Error('the killed collector left no journal');
    return { store, day };
  }

  function datagramsOf(store: Store, day: UtcDay): number {
    const reader = store.sessions.read(day);
    const count = reader?.counters().get('datagrams') ?? 0;
    reader?.close();
    return count;
  }

  it(
    'has lost and doubled nothing, at whatever moment of a checkpoint the next run is killed too',
    async () => {
      const { store, day } = await killedCollector('checkpoint');
      const expected = contentOf(store, day);
      const killed = await killAtEachMoment(async (moment) => {
        const copy = await copyOf(store, `checkpoint-${String(moment)}`);
        const { signal } = await collectLines(copy, day, { environment: killedAt(moment, copy.path) });
        expect(contentOf(copy, day)).toEqual(expected);
        const again = await collectLines(copy, day);
        expect([again.exitCode, withoutUnreadable(again.stderr)]).toEqual([0, '']);
        expect(contentOf(copy, day)).toEqual(expected);
        return signal === 'SIGKILL';
      });
      expect(killed).toBeGreaterThan(10);
      const status = await runTlsrpt(['status', '--json', '--state-dir', join(root, 'checkpoint-7')]);
      expect(JSON.parse(status.stdout)).toMatchObject({ days: [{ day, collected: { datagrams: datagrams.length } }] });
    },
    LONG_MS,
  );

  it(
    'has counted the last line as a whole or not at all, at whatever moment a finished day is closed again',
    async () => {
      const store = await Store.open(join(root, 'past'));
      await collectLines(store, PAST_DAY, { stdin: linesOf(datagrams.slice(1)) });
      const before = contentOf(store, PAST_DAY);
      const line = linesOf(datagrams.slice(0, 1));
      const complete = await copyOf(store, 'past-complete');
      await collectLines(complete, PAST_DAY, { stdin: line });
      const after = contentOf(complete, PAST_DAY);
      expect(after).not.toEqual(before);
      const found: unknown[] = [];
      const killed = await killAtEachMoment(async (moment) => {
        const copy = await copyOf(store, `past-${String(moment)}`);
        const { signal } = await collectLines(copy, PAST_DAY, {
          stdin: line,
          environment: killedAt(moment, copy.path),
        });
        const content = contentOf(copy, PAST_DAY);
        expect([before, after]).toContainEqual(content);
        expect(await collectLines(copy, PAST_DAY)).toMatchObject({ exitCode: 0 });
        expect(contentOf(copy, PAST_DAY)).toEqual(content);
        expect(readdirSync(join(copy.path, 'sessions'))).toEqual([`${PAST_DAY}.sqlite`]);
        found.push(content);
        return signal === 'SIGKILL';
      });
      expect(killed).toBeGreaterThan(10);
      expect(found).toEqual(expect.arrayContaining([before, after]));
    },
    LONG_MS,
  );
});

describe('A delivery that is killed', { timeout: LONG_MS }, () => {
  let stage: DeliveryStage;

  beforeAll(async () => {
    stage = await DeliveryStage.make(join(root, 'delivery'));
  });

  it(
    'goes on where it was, at whatever moment of its work on the disk',
    async () => {
      const killed = await killAtEachMoment(async (moment) => {
        let wasKilled = false;
        await stage.play(`disk-${String(moment)}`, async (scene) => {
          const environment = killedAt(moment, scene.store.path);
          const { signal } = await runTlsrpt(scene.reportWords(), { environment });
          wasKilled = signal === 'SIGKILL';
          await scene.recoverAndCheck();
        });
        return wasKilled;
      });
      expect(killed).toBeGreaterThan(50);
    },
    LONG_MS,
  );

  const smtpSteps: readonly (Wire & { readonly name: string })[] = [
    { name: 'when the mail server greets it', from: 'server', text: /^220/ },
    { name: 'at MAIL FROM', from: 'client', text: /^MAIL FROM/m },
    { name: 'at RCPT TO', from: 'client', text: /^RCPT TO/m },
    { name: 'at DATA', from: 'client', text: /^DATA/m },
    { name: 'when it may send the mail', from: 'server', text: /^354/m },
    { name: 'when it has sent the mail', from: 'client', text: /\r\n\.\r\n$/ },
    { name: 'when the mail server has the mail, before its reply', from: 'server', text: /^250/, afterMail: true },
    { name: 'right after the reply to the mail', from: 'server', text: /^250/, afterMail: true, lets: true },
  ];

  it.each(smtpSteps)('goes on where it was, $name', async (wire) => {
    await stage.play(wire.name, async (scene) => {
      let kill = (): void => undefined;
      const tripwire = await startTripwire(scene.smtp.port, wire, () => {
        kill();
      });
      const run = startTlsrpt(scene.reportWords(tripwire.port));
      kill = () => {
        run.kill('SIGKILL');
      };
      expect(await run.ended).toMatchObject({ signal: 'SIGKILL' });
      await tripwire.close();
      await scene.recoverAndCheck();
    });
  });

  const httpsSteps: readonly {
    readonly name: string;
    readonly respond: (kill: () => void) => HttpsSinkOptions['respond'];
  }[] = [
    {
      name: 'when the endpoint has the report, before its response',
      respond: (kill) => (_request, response) => {
        kill();
        response.destroy();
      },
    },
    {
      name: 'right after the response of the endpoint',
      respond: (kill) => (_request, response) => {
        response.writeHead(201).end(kill);
      },
    },
  ];

  it.each(httpsSteps)('goes on where it was, $name', async ({ name, respond }) => {
    let kill: (() => void) | undefined;
    const killOnce = respond(() => kill?.());
    const respondTwice: HttpsSinkOptions['respond'] = (request, response) => {
      if (kill) killOnce?.(request, response);
      else response.writeHead(201).end();
    };
    const play = async (scene: DeliveryScene): Promise<void> => {
      const run = startTlsrpt(scene.reportWords());
      kill = () => {
        kill = undefined;
        run.kill('SIGKILL');
      };
      expect(await run.ended).toMatchObject({ signal: 'SIGKILL' });
      await scene.recoverAndCheck();
    };
    await stage.play(name, play, respondTwice);
  });
});
