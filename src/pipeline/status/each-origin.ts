/**
 * Goes through what there is of a day, on this host and those it fetched from, each state directory once.
 */
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** What cannot be read is left out; `refused` is called with the reason. */
export function eachOrigin(
  store: Pick<Store, 'sessions' | 'fetched'>,
  day: UtcDay,
  refused: (problem: Problem) => void,
  use: (reader: SessionDayReader) => void,
): void {
  const origins = new Set<string>();
  for (const open of readersOf(store, day)) {
    const reader = containProblem(open, refused);
    if (!reader) continue;
    containProblem(() => {
      if (isFirst(reader, origins)) use(reader);
      reader.movedLeftOut().forEach(refused);
    }, refused);
    reader.close();
  }
}

function isFirst({ identity }: SessionDayReader, origins: Set<string>): boolean {
  if (identity === undefined) return true;
  const isNew = !origins.has(identity.origin);
  origins.add(identity.origin);
  return isNew;
}

/** Each is to be closed before the next is opened. */
function readersOf(
  { sessions, fetched }: Pick<Store, 'sessions' | 'fetched'>,
  day: UtcDay,
): (() => SessionDayReader | undefined)[] {
  const folders = fetched.folders();
  return [
    () => sessions.read(day),
    ...folders.map((folder) => () => fetched.read(folder, day)),
    ...folders.map((folder) => () => fetched.readPartial(folder, day)),
  ];
}
