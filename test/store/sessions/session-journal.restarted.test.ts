import { expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const DAY = '2026-11-19' as UtcDay;
const sqlite = await loadSqlite();

async function writeOn(disk: SimulatedDisk, isSynced: boolean): Promise<void> {
  const journal = await new CollectorStore('/state', disk).openJournal(DAY, () => undefined);
  journal.putFigures({ sums: new Map([['told', 1]]), peaks: new Map() });
  await journal.write();
  if (isSynced) await journal.sync();
}

it('What an earlier run wrote and did not sync is safe once something that follows it is', async () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const disk = new SimulatedDisk();
    await writeOn(disk, false);
    const next = disk.kill();
    await writeOn(next, true);
    const left = next.losePower(new SeededRandom(seed));
    const reader = SessionDayReader.open({ sqlite, disk: left }, `/state/sessions/${DAY}`);
    expect(reader?.unreadable()).toEqual([]);
    expect(reader?.counters().get('told')).toBe(2);
    reader?.close();
  }
});
