/**
 * What `doctor` checks, in this order: what needs the rights of root comes before what is looked at as the owner of the state directory.
 */
import { ENOUGH_QUEUE_LENGTH, readQueueLength } from '#adapters/datagram/queue-length.ts';
import { findingsOf } from '#pipeline/doctor/finding.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeActivity } from '#pipeline/doctor/judge-activity.ts';
import { judgeDisk, judgeQueueLength } from '#pipeline/doctor/judge-machine.ts';
import { judgePostfixLog } from '#pipeline/doctor/judge-postfix-log.ts';
import { judgeSocket } from '#pipeline/doctor/judge-socket.ts';
import { judgeStateOwner } from '#pipeline/doctor/judge-state-owner.ts';
import { judgeTimers } from '#pipeline/doctor/judge-timers.ts';
import type { Check } from '#pipeline/doctor/run-checks.ts';
import { changesOf } from '#pipeline/setup/make-changes.ts';
import { planSetup } from '#pipeline/setup/plan-setup.ts';
import { Problem } from '#support/problem.ts';
import type { Invocation } from '#cli/command.ts';
import { changeText } from '#cli/output/setup-text.ts';
import { destinationMapsOf } from './destination-maps.ts';
import { diskFacts, postfixComplaints, socketFacts, stateOwnerFacts, timersFor } from './doctor-facts.ts';
import { findPostfix } from './found-postfix.ts';
import type { FoundPostfix } from './found-postfix.ts';
import { systemPlaces } from './setup-places.ts';
import { openExistingStore, statePathOf } from './state.ts';

export function doctorChecks(invocation: Invocation): Check[] {
  const postfix = postfixOnce(invocation);
  return [
    { name: 'postfix', look: () => postfixFindings(postfix()) },
    { name: 'socket', look: () => socketFindings(postfix()) },
    { name: 'queue-length', look: () => judgeQueueLength(readQueueLength(), ENOUGH_QUEUE_LENGTH) },
    { name: 'state-directory', look: () => stateFindings(statePathOf(invocation)) },
    { name: 'postfix-log', look: () => postfixLogFindings(postfix(), invocation.clock.nowMs()) },
    { name: 'activity', look: () => activityFindings(invocation, postfix() !== undefined) },
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
function outwardChecks(invocation: Invocation, postfix: () => FoundPostfix | undefined): Check[] {
  return [
    { name: 'mail', look: async () => (await import('./doctor-mail.ts')).mailFindings(invocation) },
    {
      name: 'name-servers',
      look: async () => (await import('./doctor-names.ts')).nameServerFindings(invocation, usesDane(postfix())),
    },
    { name: 'dkim', look: async () => (await import('./doctor-names.ts')).dkimFindings(invocation) },
    { name: 'own-domain', look: async () => (await import('./doctor-names.ts')).ownDomainFindings(invocation) },
  ];
}

/** Undefined on a host without Postfix. */
function postfixOnce(invocation: Invocation): () => FoundPostfix | undefined {
  let found: { readonly postfix: FoundPostfix | undefined } | undefined;
  return () => (found ??= { postfix: findIfThere(invocation) }).postfix;
}

function findIfThere(invocation: Invocation): FoundPostfix | undefined {
  try {
    return findPostfix(invocation);
  } catch (error) {
    if (error instanceof Problem && error.code === 'postfix-not-found') return undefined;
    throw error;
  }
}

/** Whatever setup would change is not as it has to be. */
function postfixFindings(found: FoundPostfix | undefined): Finding[] {
  const { ok, warning, broken } = findingsOf('postfix');
  if (!found) return [ok('There is no Postfix on this host, so there is nothing to hear of it.')];
  const { wanted, notes } = planSetup(found.host);
  const changes = changesOf(wanted, systemPlaces).map((change) => {
    const [command = ''] = changeText(change).trim().split('\n');
    return broken(`Not set up: ${command}`, 'tlsrpt setup postfix --apply');
  });
  const fix = 'see "Setting up Postfix" in docs/operating.md';
  const findings = [...changes, ...notes.map((what) => warning(what, fix))];
  return findings.length > 0 ? findings : [ok('Postfix is set up to report.')];
}

function socketFindings(found: FoundPostfix | undefined): Finding[] {
  if (!found) return [];
  return judgeSocket(socketFacts(planSetup(found.host).socketPath, found.host));
}

function stateFindings(directory: string): Finding[] {
  const facts = stateOwnerFacts(directory);
  return facts ? [...judgeStateOwner(facts), ...judgeDisk(diskFacts(directory))] : [];
}

function usesDane(found: FoundPostfix | undefined): boolean {
  const levels = found?.host.instances.map(({ parameters }) => parameters['smtp_tls_security_level'] ?? '') ?? [];
  return levels.some((level) => level.startsWith('dane'));
}

function postfixLogFindings(found: FoundPostfix | undefined, nowMs: number): Finding[] {
  return found ? judgePostfixLog(postfixComplaints(found.host.hasSystemd, nowMs)) : [];
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

/** The settings themselves were checked before: what they name is left. */
async function configurationFindings(invocation: Invocation): Promise<Finding[]> {
  destinationMapsOf(invocation.settings);
  const { transportsOf } = await import('#cli/wiring/transports.ts'); // with the mail and web clients
  transportsOf(invocation);
  return [findingsOf('configuration').ok('All settings can be used, with the files that they name.')];
}
