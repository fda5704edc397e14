/**
 * `report --day unreported`: for a timer, which goes on where an outage, a missing host or a silent name server left off.
 *
 * The days are worked on one after the other, oldest first; what is wrong with one keeps no other from its reports. With --deliver, everything
 * that is due is delivered afterwards, as `send` does, also when it cannot be found out which days there are.
 * Problems: usage-error, and those of report, which are logged and decide the exit code.
 */
import type { BuildOptions } from '#pipeline/report/build-reports.ts';
import { tellWhetherCollected } from '#pipeline/report/tell-whether-collected.ts';
import { unreportedDays } from '#pipeline/report/unreported-days.ts';
import { containProblem } from '#support/contain-problem.ts';
import { problemOf } from '#support/internal-error.ts';
import { previousDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { usageError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { UNREPORTED } from '#cli/arguments/flags.ts';
import { allDone, orLater } from '#cli/exit-code.ts';
import type { Ending, EndingReason, ExitCode } from '#cli/exit-code.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { readyToDeliver } from './deliver.ts';
import { noted } from './noted-run.ts';
import { buildOptionsOf } from './report-options.ts';

/** Flags that are about one day: with several, --json would print several arrays. */
const ABOUT_ONE_DAY = ['partial', 'json'] as const;

export type OnDay = (options: BuildOptions) => Promise<Ending>;

/** `report` builds and queues the reports about a day, `look` shows them and changes nothing. */
export async function reportUnreported(
  invocation: Invocation,
  { report, look }: { readonly report: OnDay; readonly look: OnDay },
): Promise<ExitCode> {
  const { given, clock, log } = invocation;
  refuseWhatIsAboutOneDay(invocation);
  const deliver = given.has('deliver') ? await readyToDeliver(invocation) : undefined;
  const trouble = new Trouble(log);
  const options = await buildOptionsOf(invocation, trouble);
  const { store } = options;
  const eachDay = async (act: OnDay): Promise<EndingReason[]> => {
    const found = containProblem(() => findDays(options, invocation), trouble.note);
    const reasons = new Set<EndingReason>(found?.isYesterdayMissing === true ? ['day-not-collected'] : []);
    for (const day of found?.days ?? [])
      for (const reason of await reasonsOf(() => act({ ...options, day }), day, trouble)) reasons.add(reason);
    return [...reasons];
  };
  if (given.has('dry-run')) return trouble.over((await eachDay(look)).reduce(orLater, allDone)).code;
  return noted('report', { store, clock, log }, async () => {
    const reasons = await eachDay(report);
    const ending = deliver ? await deliver(store, { day: undefined, domains: [], evenIfNotDue: false }) : allDone;
    return trouble.over(reasons.reduce(orLater, ending));
  });
}

interface FoundDays {
  readonly days: readonly UtcDay[];
  readonly isYesterdayMissing: boolean;
}

/** Also says that yesterday is missing. */
function findDays({ store }: Pick<BuildOptions, 'store'>, { settings, clock, log }: Invocation): FoundDays {
  const nowMs = clock.nowMs();
  const yesterday = previousDay(utcDayOf(nowMs));
  const isCollected = tellWhetherCollected({ store, log, day: yesterday }, settings.sources.length > 0);
  return { days: unreportedDays(store, nowMs), isYesterdayMissing: !isCollected };
}

/** Empty also for a day that a problem ended: that is noted as trouble. */
async function reasonsOf(act: () => Promise<Ending>, day: string, trouble: Trouble): Promise<readonly EndingReason[]> {
  try {
    return (await act()).reasons;
  } catch (error) {
    trouble.note(problemOf(error, `No report about ${day}, and all other days go on`));
    return [];
  }
}

function refuseWhatIsAboutOneDay({ given }: Invocation): void {
  const flag = given.texts('domain').length > 0 ? 'domain' : ABOUT_ONE_DAY.find((name) => given.has(name));
  if (flag !== undefined) throw usageError(`--${flag} does not go with --day ${UNREPORTED}; name one day.`);
}
