/**
 * Runs a job for each of many values, so many at once, so that the slow ones hold up no others.
 *
 * A job that takes longer than its time goes on, but gives its place to the next. Who gives the jobs bounds how long they take.
 */
export interface Places {
  readonly atOnce: number;
  /** How long a job keeps its place. */
  readonly placeMs: number;
}

/** Resolves once all jobs have ended, and rejects when one did. `values` are taken one by one, as places become free. */
export async function forEachAtOnce<T>(
  values: Iterable<T>,
  { atOnce, placeMs }: Places,
  job: (value: T) => Promise<void>,
): Promise<void> {
  const rest = values[Symbol.iterator]();
  const late: Promise<void>[] = [];
  const fillPlace = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      const running = job(next.value);
      if (!(await endsWithin(running, placeMs))) late.push(running);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, fillPlace));
  await Promise.all(late);
}

async function endsWithin(running: Promise<void>, timeMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeMs, false);
  });
  try {
    return await Promise.race([running.then(() => true), timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}
