import { beforeEach, describe, expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import type { SessionJournal } from '#store/sessions/session-journal.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { frameOf } from '#test/support/day-files.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const STEM = `/state/sessions/${DAY}`;

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk();
});

function open(): Promise<SessionJournal> {
  return new CollectorStore('/state', disk).openJournal(DAY, () => undefined);
}

function put(journal: SessionJournal, domain: string): void {
  journal.put(frameOf([makeDatagram({ domain })]));
}

async function stored(journal: SessionJournal, domain: string): Promise<void> {
  put(journal, domain);
  await journal.write();
  await journal.sync();
}

describe('A journal that somebody removes', () => {
  it.each(['the journal', 'its directory'])('says so for good: %s', async (what) => {
    const journal = await open();
    await stored(journal, 'a.example');
    if (what === 'the journal') disk.remove(`${STEM}.1.journal`);
    else disk.rename('/state/sessions', '/state/elsewhere');
    const replaced = { code: 'store-replaced', message: expect.stringContaining(STEM) as string };
    await expect(journal.sync()).rejects.toMatchObject(replaced);
    put(journal, 'b.example');
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(journal.write()).rejects.toMatchObject(replaced);
      await expect(journal.sync()).rejects.toMatchObject(replaced);
    }
    journal.close();
  });

  it('is found out before anything was written: what is there instead has a lock that nobody holds', async () => {
    const journal = await open();
    disk.rename('/state/sessions', '/state/elsewhere');
    put(journal, 'a.example');
    await expect(journal.write()).rejects.toMatchObject({ code: 'store-replaced' });
    expect(disk.list('/state')).not.toContain('sessions');
    journal.close();
  });

  it('is found out when it was written to, too, and nothing goes into what is there instead', async () => {
    const journal = await open();
    put(journal, 'a.example');
    await journal.write();
    disk.rename('/state/sessions', '/state/elsewhere');
    disk.makeDirectory('/state/sessions');
    await expect(journal.sync()).rejects.toMatchObject({ code: 'store-replaced' });
    await expect(journal.write()).rejects.toMatchObject({ code: 'store-replaced' });
    expect(disk.list('/state/sessions')).toEqual([]);
    journal.close();
  });
});

describe('A lock that somebody removes', () => {
  it('ends whoever held it with the next sync, also when another has its own by then, and leaves that one alone', async () => {
    const journal = await open();
    await stored(journal, 'a.example');
    disk.remove(`${STEM}.lock`);
    const other = await new CollectorStore('/state', disk.forAnotherProcess()).openJournal(DAY, () => undefined);
    put(journal, 'b.example');
    await journal.write();
    for (let tries = 0; tries < 2; tries += 1)
      await expect(journal.sync()).rejects.toMatchObject({
        code: 'store-replaced',
        message: expect.stringContaining(`${STEM}.lock`) as string,
      });
    await expect(journal.write()).rejects.toMatchObject({ code: 'store-replaced' });
    journal.close();
    await stored(other, 'c.example');
    other.close();
  });

  it('is not called removed when the disk does not say', async () => {
    const journal = await open();
    await stored(journal, 'a.example');
    disk.faults.failNext('status', { errno: 'EIO' });
    await expect(journal.sync()).rejects.toMatchObject({ code: 'store-not-writable' });
    await stored(journal, 'b.example');
    journal.close();
  });
});
