/**
 * For how long each day has been over, in time that really passed: `day-ages.json`.
 *
 * A clock can be set to anything, so it proves nothing about the time between two days. How long the machine has been up does: within one
 * boot all that passes between two looks counts, and of the time before the first look of a boot no more than a day. What passes while the
 * machine is off does not count. So a day may be older than is said here, and is never younger. A file that is damaged, or that is not ours to
 * read, is begun anew, and of two processes that write at once one goes unnoted: either makes days younger. One that the disk does not give now is
 * left alone: no day has an age meanwhile. A disk that is full keeps no day from its age. A day that a clock takes up again may be over once more
 * before anybody looks: its file tells, which was written since.
 */
import { z } from 'zod';
import type { Disk } from '#support/disk.ts';
import { replaceSharedFileLater } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import type { Uptime } from '#support/uptime.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { readIfThere } from './durable/read-if-there.ts';
import { readProblem, unlessRefused, unlessRefusedLater, unreadableProblem } from './store-problem.ts';
import type { StoreProblem } from './store-problem.ts';

const DAY_MS = 86_400_000;
/** Of some 30 bytes for each day there are. */
const MOST_BYTES = 1_048_576;

const fileShape = z.object({
  boot: z.string(),
  upMs: z.number().nonnegative(),
  passedMs: z.number().nonnegative(),
  /** How much had passed when the day was first seen to be over. */
  overAtMs: z.record(z.string(), z.number().nonnegative()),
  /** When the file of that day was written, by whatever clock: it only tells one file from another. */
  writtenMs: z.record(z.string(), z.number()).default({}),
});

type NotedTime = z.infer<typeof fileShape>;

export interface DayAgesOptions {
  readonly file: string;
  readonly disk: Disk;
  readonly uptime: Uptime;
  /** Of the file of a day that may be taken up again; undefined when there is none. */
  readonly writtenMs?: (day: UtcDay) => number | undefined;
}

export interface DayAges {
  /** For how many milliseconds each day has been over. */
  readonly ages: ReadonlyMap<UtcDay, number>;
  /** Why nothing is known of earlier looks, if there should be. */
  readonly trouble: StoreProblem | undefined;
}

/** What refuses for good: the next one takes its place, unless it is a directory. */
const REFUSED_FOR_GOOD = ['EACCES', 'EPERM', 'EISDIR', 'ELOOP', 'ENXIO', 'ESPIPE'];

/** Notes which days are over now, all others being forgotten. Where that cannot be written now it is written later. */
export async function noteDayAges(over: readonly UtcDay[], options: DayAgesOptions): Promise<DayAges> {
  const { file, disk, uptime } = options;
  const noted = readNoted(options);
  const { trouble } = noted;
  if (noted.kind === 'refused') return { ages: new Map(), trouble };
  const before = noted.kind === 'noted' ? noted.time : { ...uptime, passedMs: 0, overAtMs: {}, writtenMs: {} };
  const passedMs = before.passedMs + passedSince(before, uptime);
  const writtenMs = writtenOf(over, before, options);
  const overAtMs = new Map(
    over.map((day) => {
      const isAsBefore = writtenMs[day] === before.writtenMs[day];
      return [day, Math.min((isAsBefore ? before.overAtMs[day] : undefined) ?? passedMs, passedMs)];
    }),
  );
  const now: NotedTime = { ...uptime, passedMs, overAtMs: Object.fromEntries(overAtMs), writtenMs };
  await unlessRefusedLater(() => replaceSharedFileLater(file, Buffer.from(`${JSON.stringify(now)}\n`), disk));
  return { ages: new Map([...overAtMs].map(([day, atMs]) => [day, passedMs - atMs])), trouble };
}

/** Why it is not known how old days are, if it should be. */
export function ageTrouble(options: Pick<DayAgesOptions, 'file' | 'disk'>): StoreProblem | undefined {
  return readNoted(options).trouble;
}

/** What the disk does not say now is as it was. */
function writtenOf(days: readonly UtcDay[], before: NotedTime, { writtenMs }: DayAgesOptions): Record<string, number> {
  return Object.fromEntries(
    days.flatMap((day) => {
      const { ms } = unlessRefused(() => ({ ms: writtenMs?.(day) })) ?? { ms: before.writtenMs[day] };
      return ms === undefined ? [] : [[day, ms]];
    }),
  );
}

function passedSince(before: Uptime, { boot, upMs }: Uptime): number {
  return boot === before.boot ? Math.max(0, upMs - before.upMs) : Math.min(upMs, DAY_MS);
}

type Noted =
  | { readonly kind: 'noted'; readonly time: NotedTime; readonly trouble?: undefined }
  /** Nothing was noted that will ever be read. */
  | { readonly kind: 'none'; readonly trouble?: StoreProblem }
  | { readonly kind: 'refused'; readonly trouble: StoreProblem };

function readNoted({ file, disk }: Pick<DayAgesOptions, 'file' | 'disk'>): Noted {
  try {
    const text = readIfThere(disk, file, MOST_BYTES);
    if (text === undefined) return { kind: 'none' };
    const { data } = fileShape.safeParse(JSON.parse(text));
    return data ? { kind: 'noted', time: data } : damaged(file);
  } catch (error) {
    if (error instanceof SyntaxError) return damaged(file);
    const trouble = readProblem(file, error);
    return { kind: REFUSED_FOR_GOOD.includes(errnoOf(error) ?? '') ? 'none' : 'refused', trouble };
  }
}

function damaged(file: string): Noted {
  return { kind: 'none', trouble: unreadableProblem(file, 'it is not what was noted there') };
}
