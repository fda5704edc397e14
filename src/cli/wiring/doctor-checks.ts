/**
 * What `doctor` checks, in this order: what needs the rights of root comes before what is looked at as the owner of the state directory.
 */
import { ENOUGH_QUEUE_LENGTH, readQueueLength } from '#adapters/datagram/queue-length.ts';
import { findingsOf } from '#pipeline/doctor/finding.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeActivity } from '#pipeline/doctor/judge-activity.ts';
import { judgeDisk, judgeQueueLength } from '#pipeline/doctor/judge-machine.ts';
import { judgeStateOwner } from '#pipeline/doctor/judge-state-owner.ts';
import { judgeTimers } from '#pipeline/doctor/judge-timers.ts';
import type { Check } from '#pipeline/doctor/run-checks.ts';
import type { Invocation } from '#cli/command.ts';
import { checkSettings } from './check-settings.ts';
import { diskFacts, stateOwnerFacts, timersFor } from './doctor-facts.ts';
import { DoctorPostfix } from './doctor-postfix.ts';
import { openExistingStore, statePathOf } from './state.ts';

export function doctorChecks(invocation: Invocation): Check[] {
  const postfix = new DoctorPostfix(invocation);
  return [
    { name: 'postfix', look: () => postfix.settings() },
    { name: 'socket', look: () => postfix.socket() },
    { name: 'probe', look: () => postfix.probe() },
    { name: 'queue-length', look: () => judgeQueueLength(readQueueLength(), ENOUGH_QUEUE_LENGTH) },
    { name: 'state-directory', look: () => stateFindings(statePathOf(invocation)) },
    { name: 'postfix-log', look: () => postfix.log() },
    { name: 'activity', look: () => activityFindings(invocation, postfix.isThere) },
    ...withSettings(invocation, outwardChecks(invocation, postfix)),
  ];
}

/** The settings can be used, and what they lead to: where they cannot, that is said once. */
function withSettings(invocation: Invocation, checks: readonly Check[]): Check[] {
  let isUsable = false;
  const configuration: Check = {
    name: 'configuration',
    look: async () => {
      const findings = await configurationFindings(invocation);
      isUsable = true;
      return findings;
    },
  };
  return [configuration, ...checks.map(({ name, look }) => ({ name, look: () => (isUsable ? look() : []) }))];
}

/** What leads out of this host, each with the clients that it takes. */
function outwardChecks(invocation: Invocation, postfix: DoctorPostfix): Check[] {
  return [
    { name: 'mail', look: async () => (await import('./doctor-mail.ts')).mailFindings(invocation) },
    {
      name: 'name-servers',
      look: async () => (await import('./doctor-names.ts')).nameServerFindings(invocation, postfix.usesDane()),
    },
    { name: 'dkim', look: async () => (await import('./doctor-names.ts')).dkimFindings(invocation) },
    { name: 'own-domain', look: async () => (await import('./doctor-names.ts')).ownDomainFindings(invocation) },
  ];
}

function stateFindings(directory: string): Finding[] {
  const facts = stateOwnerFacts(directory);
  return facts ? [...judgeStateOwner(facts), ...judgeDisk(diskFacts(directory))] : [];
}

/** As the owner of the state directory from here on. */
async function activityFindings(invocation: Invocation, hasPostfix: boolean): Promise<Finding[]> {
  const { sessions, runs: noted } = await openExistingStore(invocation);
  const [nowMs, runs] = [invocation.clock.nowMs(), noted.read()];
  return [
    ...judgeActivity({
      collector: sessions.collector(),
      hasPostfix,
      lastDatagramMs: sessions.lastWrittenMs(nowMs),
      runs,
      nowMs,
    }),
    ...judgeTimers({ timers: timersFor(invocation.settings.sources.length > 0), runs, nowMs }),
  ];
}

/** With the files that they name. */
async function configurationFindings(invocation: Invocation): Promise<Finding[]> {
  await checkSettings(invocation);
  return [findingsOf('configuration').ok('All settings can be used, with the files that they name.')];
}
