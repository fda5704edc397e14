/**
 * Which source had an identity first: `fetched/.identities.json`, in the order in which copies with it were first kept.
 *
 * It is the order of our own runs, which no clock and no day that a source may give later has a say in. It outlives the days themselves. A file
 * that is not there, or damaged, is made anew of the days that are kept, the oldest first; one that cannot be read now is left alone, and the days
 * decide meanwhile. Of each source the last identities are known, so one that has ever new ones forgets its own alone.
 * To be used by one run at a time. Problems: disk-full, store-not-writable.
 */
import { z } from 'zod';
import type { Disk } from '#support/disk.ts';
import { replaceFile } from '#support/durable-file.ts';
import { readIfThere } from '../durable/read-if-there.ts';
import { readProblem, unreadableProblem, writing } from '../store-problem.ts';
import type { StoreProblem } from '../store-problem.ts';

const holderShape = z.object({ origin: z.string(), folder: z.string() });
const fileShape = z.array(holderShape);

/** A source, by its folder, and an identity that a copy of it had. */
export type Holder = z.infer<typeof holderShape>;

const MOST_OF_A_SOURCE = 100;
const MOST_BYTES = 16_777_216;

export interface IdentityOrderOptions {
  readonly file: string;
  readonly disk: Disk;
  /** Who is known from the days that are kept, the oldest first. */
  readonly fromDays: () => readonly Holder[];
}

export class IdentityOrder {
  readonly #options: IdentityOrderOptions;

  constructor(options: IdentityOrderOptions) {
    this.#options = options;
  }

  /** True when the first of them had the identity, and the other had it later or never. */
  isFirst(origin: string, folder: string, other: string): boolean {
    const noted = readNoted(this.#options);
    const holders = noted.kind === 'noted' ? noted.holders : this.#options.fromDays();
    const [own, others] = [folder, other].map((one) => indexOf(holders, { origin, folder: one }));
    return own !== undefined && (others === undefined || own < others);
  }

  /** To be called before the copy is kept: a crash in between leaves a source that gave one. */
  note(holder: Holder): void {
    const noted = readNoted(this.#options);
    if (noted.kind === 'refused') return;
    const holders = noted.kind === 'noted' ? noted.holders : this.#options.fromDays();
    const isKnown = indexOf(holders, holder) !== undefined;
    if (noted.kind === 'noted' && isKnown) return;
    const { file, disk } = this.#options;
    const text = JSON.stringify(isKnown ? holders : withinBounds([...holders, holder]), undefined, 2);
    writing(file, () => {
      replaceFile(file, Buffer.from(`${text}\n`), disk);
    });
  }
}

/** Why the file says nothing now, if it should. */
export function identityTroubles(options: Pick<IdentityOrderOptions, 'file' | 'disk'>): StoreProblem[] {
  const noted = readNoted(options);
  return 'trouble' in noted ? [noted.trouble] : [];
}

type Noted =
  | { readonly kind: 'noted'; readonly holders: readonly Holder[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged' | 'refused'; readonly trouble: StoreProblem };

function readNoted({ file, disk }: Pick<IdentityOrderOptions, 'file' | 'disk'>): Noted {
  try {
    const text = readIfThere(disk, file, MOST_BYTES);
    if (text === undefined) return { kind: 'none' };
    const { data } = fileShape.safeParse(JSON.parse(text));
    return data ? { kind: 'noted', holders: data } : damaged(file);
  } catch (error) {
    return error instanceof SyntaxError ? damaged(file) : { kind: 'refused', trouble: readProblem(file, error) };
  }
}

function damaged(file: string): Noted {
  const why = 'it is not what fetch has noted there. It is made anew of the days that are here';
  return { kind: 'damaged', trouble: unreadableProblem(file, why) };
}

function indexOf(holders: readonly Holder[], { origin, folder }: Holder): number | undefined {
  const index = holders.findIndex((holder) => holder.origin === origin && holder.folder === folder);
  return index < 0 ? undefined : index;
}

function withinBounds(holders: readonly Holder[]): Holder[] {
  const last = holders.at(-1)?.folder;
  const own = holders.filter(({ folder }) => folder === last);
  const forgotten = new Set(own.slice(0, Math.max(0, own.length - MOST_OF_A_SOURCE)));
  return holders.filter((holder) => !forgotten.has(holder));
}
