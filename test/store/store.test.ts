import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { lockFile } from '#support/file-lock.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const NEXT_DAY = '2026-11-20' as UtcDay;

async function newStore(): Promise<Store> {
  return Store.open(join(scratchDirectory(), 'state'));
}

describe('A store that is opened', () => {
  it('has nothing to say where there is nothing, and makes nothing there', async () => {
    const { path, sessions, fetched, outboxes, destinations } = await newStore();
    expect([sessions.days(), sessions.unfinishedDays(), fetched.folders(), outboxes.days()]).toEqual([[], [], [], []]);
    expect([sessions.read(DAY), fetched.read('mx2', DAY), outboxes.read(DAY)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(destinations.read().suppressions).toEqual([]);
    expect(await outboxes.withReports(DAY, (reports) => [...reports])).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it('counts no day under the name of another, and reads the others', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'a.example' })]);
    const { sessions, path } = days.store;
    const named = (day: string): string => join(path, 'sessions', `${day}.sqlite`);
    copyFileSync(named(DAY), named(NEXT_DAY));
    expect(() => sessions.read(NEXT_DAY)).toThrow(
      `${named(NEXT_DAY)} holds the sessions of ${DAY}: it was copied or renamed. Give it back its name, or move it aside.`,
    );
    expect(sessions.read(DAY)?.domains()).toEqual(['a.example']);
  });

  it('sees what another has written since', async () => {
    const store = await newStore();
    const other = await Store.open(store.path);
    expect(other.identity()).toBe(store.identity());
    other.destinations.change((destinations) => {
      destinations.suppress({ address: 'mailto:tls@a.example', untilMs: undefined, reason: undefined });
    });
    const outbox = other.outboxes.open(DAY);
    outbox.save([{ outgoing: reportWithId('id-1@sender.example'), destinations: ['mailto:tls@a.example'], dueMs: 0 }]);
    outbox.close();
    expect(store.destinations.read().suppressions).toMatchObject([{ address: 'mailto:tls@a.example' }]);
    expect(store.outboxes.days()).toEqual([DAY]);
    expect(store.outboxes.readReport(DAY, 'id-1@sender.example')?.deliveries).toHaveLength(1);
  });

  it('lets go of what is known about addresses when a change fails, and keeps nothing of it', async () => {
    const { destinations } = await newStore();
    const failing = (): void => {
      destinations.change(() => {
        throw new Error('no');
      });
    };
    expect(failing).toThrow('no');
    expect(failing).toThrow('no');
    expect(destinations.read().suppressions).toEqual([]);
  });

  it('removes what is older than it is to be kept, and says what nobody has heard of', async () => {
    const days = await CollectedDays.make();
    for (const day of [DAY, NEXT_DAY]) {
      days.collect([makeDatagram({ domain: 'a.example' })], { day });
      days.fetch('mx2', [makeDatagram({ domain: 'a.example' })], { day });
    }
    const { store } = days;
    const outbox = store.outboxes.open(DAY);
    outbox.save([{ outgoing: reportWithId('id-1@sender.example'), destinations: ['mailto:tls@a.example'], dueMs: 0 }]);
    outbox.close();
    expect(await store.removeOldDays({ today: NEXT_DAY, countedFrom: NEXT_DAY, keepDays: 0 }, () => undefined)).toEqual(
      [
        { day: DAY, what: 'sessions', loss: undefined },
        { day: DAY, what: 'fetched sessions', loss: undefined },
        { day: DAY, what: 'reports', loss: 'not delivered' },
      ],
    );
    expect([store.sessions.days(), store.fetched.days('mx2'), store.outboxes.days()]).toEqual([
      [NEXT_DAY],
      [NEXT_DAY],
      [],
    ]);
  });
});

describe('What addresses answered', () => {
  async function answered(): Promise<Store> {
    const store = await newStore();
    const outbox = store.outboxes.open(DAY);
    outbox.save([{ outgoing: reportWithId('id-1@sender.example'), destinations: [], dueMs: 0 }]);
    outbox.close();
    store.destinations.change((destinations) => {
      destinations.suppress({ address: 'mailto:tls@a.example', untilMs: startOfDayMs(DAY), reason: undefined });
    });
    return store;
  }

  it('goes with the reports that they answered to', async () => {
    const store = await answered();
    await store.removeOldDays({ today: NEXT_DAY, countedFrom: NEXT_DAY, keepDays: 1 }, () => undefined);
    expect(store.destinations.read().suppressions).toHaveLength(1);
    await store.removeOldDays({ today: NEXT_DAY, countedFrom: NEXT_DAY, keepDays: 0 }, () => undefined);
    expect(store.destinations.read().suppressions).toEqual([]);
  });

  it('keeps no day from going where it cannot go itself', async () => {
    const store = await answered();
    const held = lockFile(join(store.path, 'destinations.lock'));
    await store.removeOldDays({ today: NEXT_DAY, countedFrom: NEXT_DAY, keepDays: 0 }, () => undefined);
    if (held.kind === 'locked') held.lock.release();
    expect([store.outboxes.days(), store.destinations.read().suppressions.length]).toEqual([[], 1]);
  });
});

describe('The days that were fetched', () => {
  it('can be worked on by one at a time for each source, whether the work succeeds or not', async () => {
    const { fetched } = await newStore();
    const inside = await fetched.whileLocked('/mx2', async () => [
      await fetched.whileLocked('/mx2', () => Promise.resolve()).catch((error: unknown) => error),
      await fetched.whileLocked('/mx3', () => Promise.resolve('another source')),
    ]);
    expect(inside).toMatchObject([{ code: 'store-locked' }, 'another source']);
    await expect(fetched.whileLocked('/mx2', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await fetched.whileLocked('/mx2', () => Promise.resolve('free'))).toBe('free');
  });

  it('are changed by one at a time, while the others wait', async () => {
    const { path, fetched } = await newStore();
    mkdirSync(join(path, 'fetched'), { recursive: true });
    const held = lockFile(join(path, 'fetched', '.lock'));
    const kept = fetched.whileKeeping(() => 'kept');
    if (held.kind === 'locked') held.lock.release();
    expect(await kept).toBe('kept');
  });

  it('have a private place for a copy, empty at first, and gone with its folder when it is discarded', async () => {
    const { path, fetched } = await newStore();
    const copy = fetched.privateCopy('/mx2', DAY);
    copy.empty();
    fetched.beginTallied(copy.stem, { day: DAY, origin: 'mx2' }).finish();
    expect(await copy.verify(false)).toMatchObject({ kind: 'complete', origin: 'mx2', unreadable: [] });
    copy.empty();
    expect(await copy.verify(false)).toEqual({ kind: 'damaged', why: 'there is no file' });
    copy.discard();
    expect(existsSync(join(path, 'fetched', fetched.folderOf('/mx2')))).toBe(false);
    copy.discard();
  });

  it('take a copy that is kept, and know its version from then on', async () => {
    const { fetched } = await newStore();
    expect(fetched.versionOf('/mx2', DAY)).toBeUndefined();
    const copy = fetched.privateCopy('/mx2', DAY);
    copy.empty();
    fetched.beginTallied(copy.stem, { day: DAY, origin: 'mx2' }).finish();
    fetched.keptOn(DAY).keep(copy.dayCopy({ origin: 'mx2', unreadable: [], digest: '' }, false));
    expect(fetched.days(fetched.folderOf('/mx2'))).toEqual([DAY]);
    expect(Buffer.from(fetched.versionOf('/mx2', DAY)?.head ?? []).toString('latin1')).toMatch(/^SQLite format 3/);
    expect(fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, ['/mx2', '/mx3'])).toEqual(['/mx3']);
  });
});
