/**
 * What setting up has changed, so that it can be undone: exactly that, and what was there before.
 *
 * A change is noted before it is made: one that was cut off in between is found undone already.
 * Problems: configuration-error.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { Problem } from '#support/problem.ts';
import { placeSchema } from './place.ts';
import type { Change, Place } from './place.ts';

const recordSchema = z.object({
  version: z.literal(1),
  changes: z.array(z.object({ place: placeSchema, value: z.string().nullable(), before: z.string().nullable() })),
  /** Instances of Postfix that still have to hear of it. */
  toReload: z.array(z.string()),
});

export interface ChangeRecord {
  /** In the order in which they were made. */
  readonly changes: readonly Change[];
  /** The configuration directories of instances of Postfix that have not read their changes yet. */
  readonly toReload: readonly string[];
}

export const emptyRecord: ChangeRecord = { changes: [], toReload: [] };

/** Nothing is left to be undone, or to be made known to Postfix. */
export function isEmpty({ changes, toReload }: ChangeRecord): boolean {
  return changes.length === 0 && toReload.length === 0;
}

/** `name` is for the problem. */
export function parseRecord(text: string, name: string): ChangeRecord {
  const reading = recordSchema.safeParse(fromJson(text));
  if (reading.success) return { changes: reading.data.changes, toReload: reading.data.toReload };
  throw new Problem(
    'configuration-error',
    `${name}, which says what setup has changed, cannot be read. Bring it back from a backup, or remove it: ` +
      'setup --remove will undo nothing then.',
  );
}

export function formatRecord({ changes, toReload }: ChangeRecord): string {
  return `${JSON.stringify({ version: 1, changes, toReload }, null, 2)}\n`;
}

/** Of a place that was changed before, what it held before that stays known, unless somebody else has changed it since. */
export function withChange({ changes, toReload }: ChangeRecord, change: Change): ChangeRecord {
  const earlier = changes.find(({ place }) => isDeepStrictEqual(place, change.place));
  const isOurs = earlier !== undefined && [earlier.value, earlier.before].includes(change.before);
  const noted = isOurs ? { ...change, before: earlier.before } : change;
  return {
    changes: [...changes.filter((other) => other !== earlier), noted],
    toReload: withReload(toReload, change.place),
  };
}

export function withoutChange({ changes, toReload }: ChangeRecord, { place }: Change): ChangeRecord {
  return {
    changes: changes.filter((change) => !isDeepStrictEqual(change.place, place)),
    toReload: withReload(toReload, place),
  };
}

function withReload(toReload: readonly string[], place: Place): string[] {
  return [...new Set([...toReload, ...(place.kind === 'parameter' ? [place.configDirectory] : [])])];
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
