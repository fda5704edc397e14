/**
 * Goes through what there is of a day, on this host and those it fetched from, each state directory once.
 */
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** Where a part of a day is: this host's own sessions, or a copy of another's, whole or as far as it was then. */
export type DayPart = { readonly kind: 'own' } | { readonly kind: 'fetched' | 'partial'; readonly folder: string };

type Days = Pick<Store, 'sessions' | 'fetched'>;

/** What cannot be read is left out; `refused` is called with the reason. */
export function eachOrigin(
  store: Days,
  day: UtcDay,
  refused: (problem: Problem) => void,
  use: (reader: SessionDayReader, part: DayPart) => void,
): void {
  const origins = new Set<string>();
  for (const part of partsOf(store)) {
    const reader = containProblem(() => openPart(store, day, part), refused);
    if (!reader) continue;
    containProblem(() => {
      if (isFirst(reader, origins)) use(reader, part);
      reader.movedLeftOut().forEach(refused);
    }, refused);
    reader.close();
  }
}

/** To be closed; undefined when nothing is there. */
export function openPart({ sessions, fetched }: Days, day: UtcDay, part: DayPart): SessionDayReader | undefined {
  switch (part.kind) {
    case 'own':
      return sessions.read(day);
    case 'fetched':
      return fetched.read(part.folder, day);
    case 'partial':
      return fetched.readPartial(part.folder, day);
  }
}

function isFirst({ identity }: SessionDayReader, origins: Set<string>): boolean {
  if (identity === undefined) return true;
  const isNew = !origins.has(identity.origin);
  origins.add(identity.origin);
  return isNew;
}

/** In the order in which they count. */
function partsOf({ fetched }: Days): DayPart[] {
  const folders = fetched.folders();
  return [
    { kind: 'own' },
    ...folders.map((folder) => ({ kind: 'fetched', folder }) as const),
    ...folders.map((folder) => ({ kind: 'partial', folder }) as const),
  ];
}
