/**
 * What `doctor` finds out about the state directory: whose it is, what goes on in it, and what was left undone.
 *
 * Problems: state-directory-missing, store-not-readable, no-permission, wrong-user.
 */
import type { Finding } from '#pipeline/doctor/finding.ts';
import { findLibtlsrpt } from '#adapters/postfix/find-libtlsrpt.ts';
import { judgeActivity } from '#pipeline/doctor/judge-activity.ts';
import { judgeBoot } from '#pipeline/doctor/judge-boot.ts';
import { judgeDatagramVersion } from '#pipeline/doctor/judge-datagram-version.ts';
import { judgeIdentity } from '#pipeline/doctor/judge-identity.ts';
import { judgeDisk } from '#pipeline/doctor/judge-machine.ts';
import { judgeReports } from '#pipeline/doctor/judge-reports.ts';
import { judgeStateOwner } from '#pipeline/doctor/judge-state-owner.ts';
import { judgeTimers } from '#pipeline/doctor/judge-timers.ts';
import { judgeUnits } from '#pipeline/doctor/judge-units.ts';
import { unreportedDays } from '#pipeline/report/unreported-days.ts';
import type { Store } from '#store/store.ts';
import type { Invocation } from '#cli/command.ts';
import { collectorUnits, diskFacts, hasCollectorUnit, stateOwnerFacts, timersFor, unitFacts } from './doctor-facts.ts';
import type { DoctorPostfix } from './doctor-postfix.ts';
import { openExistingStore, statePathOf } from './state.ts';

export class DoctorState {
  readonly #invocation: Invocation;
  #store: Store | undefined;

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  /** Undefined until `activity` has opened it. */
  get store(): Store | undefined {
    return this.#store;
  }

  owner(): readonly Finding[] {
    const directory = statePathOf(this.#invocation);
    const facts = stateOwnerFacts(directory);
    return facts ? [...judgeStateOwner(facts), ...judgeDisk(diskFacts(directory))] : [];
  }

  /** As the owner of the state directory from here on. */
  async activity(postfix: DoctorPostfix): Promise<readonly Finding[]> {
    const { clock, settings } = this.#invocation;
    this.#store = await openExistingStore(this.#invocation);
    const { sessions, runs: noted } = this.#store;
    const [nowMs, runs, collector] = [clock.nowMs(), noted.read(), sessions.collector()];
    const units = unitFacts();
    const otherVersionMs = collector.kind === 'running' ? collector.otherVersionMs : undefined;
    const library = postfix.isThere ? findLibtlsrpt() : undefined;
    return [
      ...judgeIdentity(this.#store.identityTrouble()),
      ...judgeActivity({
        collector,
        hasPostfix: postfix.isThere,
        isStartedAnyway: postfix.startsCollector(),
        hasUnit: hasCollectorUnit(),
        lastDatagramMs: sessions.lastDatagramMs(nowMs),
        runs,
        nowMs,
      }),
      ...(collector.kind === 'running' ? judgeBoot(collectorUnits()) : []),
      ...(units ? judgeUnits(units) : []),
      ...judgeDatagramVersion({ library, otherVersionMs, nowMs }),
      ...judgeTimers({ timers: timersFor(settings.sources.length > 0), runs, nowMs }),
    ];
  }

  /** Without those of which some could not be reported yet, which is told and tried again. */
  reports(): readonly Finding[] {
    if (!this.#store) return [];
    const { reportedDays } = this.#store;
    const nowMs = this.#invocation.clock.nowMs();
    const days = unreportedDays(this.#store, nowMs).filter((day) => reportedDays.read(day) === undefined);
    return [judgeReports({ unreported: days, nowMs })];
  }

  /** When a run of report or send ended last; undefined when none is known. */
  lastNotedMs(): number | undefined {
    const runs = this.#store?.runs.read() ?? {};
    const times = [runs.report, runs.send].flatMap((run) => (run ? [Date.parse(run.ended)] : []));
    return times.length > 0 ? Math.max(...times) : undefined;
  }
}
