import { beforeEach, describe, expect, it } from 'vitest';
import { ageTrouble, noteDayAges } from '#store/day-ages.ts';
import type { DayAges } from '#store/day-ages.ts';
import { writeNewFile } from '#support/durable-file.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [FIRST, SECOND] = ['2026-11-01', '2026-11-02'] as UtcDay[] as [UtcDay, UtcDay];
const HOUR_MS = 3_600_000;
const FILE = '/ages.json';

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk();
});

function noteAges(hours: number, boot: string, ...days: readonly UtcDay[]): Promise<DayAges> {
  return noteDayAges(days, { file: FILE, disk, uptime: { boot, upMs: hours * HOUR_MS } });
}

/** The ages of days in hours, for a machine that has been up so long. */
async function agesAfter(hours: number, boot: string, ...days: readonly UtcDay[]): Promise<number[]> {
  const { ages } = await noteAges(hours, boot, ...days);
  return days.map((day) => (ages.get(day) ?? NaN) / HOUR_MS);
}

describe('The age of a day', () => {
  it('is what has passed since it was first seen to be over', async () => {
    expect(await agesAfter(1_000, 'one', FIRST)).toEqual([0]);
    expect(await agesAfter(1_030, 'one', FIRST, SECOND)).toEqual([30, 0]);
    expect(await agesAfter(1_100, 'one', FIRST, SECOND)).toEqual([100, 70]);
  });

  it('begins anew when the day was not over meanwhile', async () => {
    await agesAfter(1, 'one', FIRST);
    expect(await agesAfter(50, 'one', SECOND)).toEqual([0]);
    expect(await agesAfter(51, 'one', FIRST, SECOND)).toEqual([0, 1]);
  });

  it('begins anew when its file is another than before', async () => {
    let writtenMs: number | undefined;
    const ageAfter = async (hours: number): Promise<number> => {
      const uptime = { boot: 'one', upMs: hours * HOUR_MS };
      const { ages } = await noteDayAges([FIRST], { file: FILE, disk, uptime, writtenMs: () => writtenMs });
      return (ages.get(FIRST) ?? NaN) / HOUR_MS;
    };
    const found: number[] = [await ageAfter(0), await ageAfter(5)];
    writtenMs = 7_000;
    found.push(await ageAfter(6), await ageAfter(9));
    writtenMs = 3_000;
    found.push(await ageAfter(10), await ageAfter(11));
    expect(found).toEqual([0, 5, 0, 3, 0, 1]);
  });

  it('grows after the machine was started anew by what it has been up since, and no more than a day', async () => {
    await agesAfter(10, 'one', FIRST);
    expect(await agesAfter(3, 'two', FIRST)).toEqual([3]);
    expect(await agesAfter(500, 'three', FIRST)).toEqual([27]);
    expect(await agesAfter(501, 'three', FIRST)).toEqual([28]);
  });

  it('does not grow when the machine is put back to where it was', async () => {
    await agesAfter(100, 'one', FIRST);
    expect(await agesAfter(40, 'one', FIRST)).toEqual([0]);
    expect(await agesAfter(41, 'one', FIRST)).toEqual([1]);
  });

  it.each(['', '{', '[]', '{"boot":"one","upMs":-1,"passedMs":0,"overAtMs":{}}'])(
    'is nothing when what was noted is %j, which is told once',
    async (text) => {
      writeNewFile(FILE, [Buffer.from(text)], { disk });
      expect(ageTrouble({ file: FILE, disk })).toMatchObject({ code: 'store-not-readable' });
      expect(await agesAfter(100, 'one', FIRST)).toEqual([0]);
      expect(ageTrouble({ file: FILE, disk })).toBeUndefined();
      expect(await agesAfter(101, 'one', FIRST)).toEqual([1]);
    },
  );

  it('is told to be unknown with the reason by whoever notes it', async () => {
    writeNewFile(FILE, [Buffer.from('{')], { disk });
    expect((await noteAges(1, 'one', FIRST)).trouble?.message).toContain(`${FILE} cannot be read`);
    expect((await noteAges(1, 'one', FIRST)).trouble).toBeUndefined();
  });

  it.each(['EACCES', 'ESPIPE'])(
    'begins anew where somebody has made the file so that it is refused for good (%s)',
    async (errno) => {
      await agesAfter(1, 'one', FIRST);
      disk.faults.failNext('open', { errno });
      expect(await noteAges(100, 'one', FIRST)).toMatchObject({
        ages: new Map([[FIRST, 0]]),
        trouble: { code: 'store-not-readable' },
      });
      expect(await agesAfter(130, 'one', FIRST)).toEqual([30]);
    },
  );

  it('is not known while the disk does not give it, and is what it was once it does', async () => {
    await agesAfter(1, 'one', FIRST);
    disk.faults.failNext('read', { errno: 'EIO' });
    expect(await noteAges(100, 'one', FIRST)).toMatchObject({
      ages: new Map(),
      trouble: { message: expect.stringMatching(/ages\.json cannot be read: EIO.*Look at the disk/) as string },
    });
    expect(await agesAfter(101, 'one', FIRST)).toEqual([100]);
  });

  it('begins anew each time where a directory is in the place of the file, which stays', async () => {
    disk.makeDirectory(FILE);
    for (const hours of [1, 30])
      expect(await noteAges(hours, 'one', FIRST)).toMatchObject({
        ages: new Map([[FIRST, 0]]),
        trouble: { message: expect.stringContaining('move that aside') as string },
      });
    expect(disk.list('/')).toEqual(['ages.json']);
  });

  it('begins anew when it was noted to be over at a time that has not come', async () => {
    const noted = { boot: 'one', upMs: 100 * HOUR_MS, passedMs: 0, overAtMs: { [FIRST]: 1e300 } };
    writeNewFile(FILE, [Buffer.from(JSON.stringify(noted))], { disk });
    expect(await agesAfter(100, 'one', FIRST)).toEqual([0]);
    expect(await agesAfter(101, 'one', FIRST)).toEqual([1]);
  });

  it('is known on a full disk as well', async () => {
    await agesAfter(1, 'one', FIRST);
    disk.capacityBytes = disk.usedBytes;
    expect(await agesAfter(30, 'one', FIRST)).toEqual([29]);
    expect(await agesAfter(31, 'one', FIRST)).toEqual([30]);
  });

  it('leaves nothing half-built when the disk refuses', async () => {
    await agesAfter(1, 'one', FIRST);
    disk.faults.failNext('syncLater', { errno: 'EIO' });
    await agesAfter(2, 'one', FIRST);
    expect(await agesAfter(24, 'one', FIRST)).toEqual([23]);
    expect(disk.list('/')).toEqual(['ages.json']);
  });
});
