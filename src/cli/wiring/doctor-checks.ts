/**
 * What `doctor` checks, in this order: what needs the rights of root comes before what is looked at as the owner of the state directory.
 */
import { ENOUGH_QUEUE_LENGTH, readQueueLength } from '#adapters/datagram/queue-length.ts';
import { worstOf } from '#pipeline/doctor/finding.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeQueueLength } from '#pipeline/doctor/judge-machine.ts';
import { judgeRuntime } from '#pipeline/doctor/judge-runtime.ts';
import type { Check } from '#pipeline/doctor/run-checks.ts';
import { attemptToLoad } from '#support/native-library.ts';
import { Problem } from '#support/problem.ts';
import type { Invocation } from '#cli/command.ts';
import { configurationFindings } from './doctor-configuration.ts';
import { DoctorPostfix } from './doctor-postfix.ts';
import { DoctorState } from './doctor-state.ts';

export function doctorChecks(invocation: Invocation): Check[] {
  const postfix = new DoctorPostfix(invocation);
  const state = new DoctorState(invocation);
  return [
    ...underRuntime([
      { name: 'postfix', look: () => postfix.settings() },
      { name: 'socket', look: () => postfix.socket() },
      { name: 'probe', look: () => postfix.probe() },
      { name: 'queue-length', look: () => judgeQueueLength(readQueueLength(), ENOUGH_QUEUE_LENGTH) },
      { name: 'state-directory', look: () => state.owner() },
      { name: 'postfix-log', look: () => postfix.log() },
      { name: 'activity', look: () => state.activity(postfix) },
      { name: 'reports', look: () => state.reports() },
    ]),
    ...ifAllIsWell(
      { name: 'configuration', look: () => configurationFindings(invocation) },
      networkChecks(invocation, postfix, state),
    ),
  ];
}

/** Without the native part nobody can look at sockets and locks, nor act as another user. */
function underRuntime(checks: readonly Check[]): Check[] {
  return ifAllIsWell({ name: 'runtime', look: () => [runtimeFinding()] }, checks);
}

function runtimeFinding(): Finding {
  const koffi = attemptToLoad();
  return judgeRuntime({
    nodeVersion: process.versions.node,
    nativeTrouble: koffi instanceof Problem ? koffi.message : undefined,
  });
}

/** Where something is broken that `others` depend on, that is said once. */
function ifAllIsWell(first: Check, others: readonly Check[]): Check[] {
  let isWell = false;
  const look = async (): Promise<readonly Finding[]> => {
    const findings = await first.look();
    isWell = worstOf(findings) !== 'broken';
    return findings;
  };
  return [
    { name: first.name, look },
    ...others.map((check) => ({ name: check.name, look: () => (isWell ? check.look() : []) })),
  ];
}

/** What leads into this host over the network and out of it, each with the clients that it takes. */
function networkChecks(invocation: Invocation, postfix: DoctorPostfix, state: DoctorState): Check[] {
  return [
    { name: 'http', look: async () => (await import('./doctor-http.ts')).httpFindings(invocation) },
    { name: 'mail', look: async () => (await import('./doctor-mail.ts')).mailFindings(invocation) },
    {
      name: 'sources',
      look: async () => {
        const { store } = state;
        return store ? (await import('./doctor-sources.ts')).sourceFindings(invocation, store) : [];
      },
    },
    ...ifAllIsWell(
      {
        name: 'name-servers',
        look: async () => {
          const context = { usesDane: postfix.usesDane(), lastNotedMs: state.lastNotedMs() };
          return (await import('./doctor-names.ts')).nameServerFindings(invocation, context);
        },
      },
      [
        { name: 'dkim', look: async () => (await import('./doctor-names.ts')).dkimFindings(invocation) },
        { name: 'own-domain', look: async () => (await import('./doctor-names.ts')).ownDomainFindings(invocation) },
      ],
    ),
  ];
}
