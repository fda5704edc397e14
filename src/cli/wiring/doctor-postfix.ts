/**
 * What `doctor` finds out about the Postfix of this host and the way to our socket. Postfix is asked once; what follows from a finding is not
 * looked for.
 *
 * Problems: postfix-without-tlsrpt, system-command-failed, no-permission, native-library-unavailable.
 */
import { findingsOf, worstOf } from '#pipeline/doctor/finding.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgePostfixLog } from '#pipeline/doctor/judge-postfix-log.ts';
import { judgeSocket } from '#pipeline/doctor/judge-socket.ts';
import { changesOf } from '#pipeline/setup/make-changes.ts';
import type { Change } from '#pipeline/setup/place.ts';
import { planSetup } from '#pipeline/setup/plan-setup.ts';
import type { SetupPlan } from '#pipeline/setup/plan-setup.ts';
import { Problem } from '#support/problem.ts';
import type { Invocation } from '#cli/command.ts';
import { changeText } from '#cli/output/setup-text.ts';
import { socketFacts } from './doctor-facts.ts';
import { plainProbeFindings, probeFindings } from './doctor-probe.ts';
import { NO_SOCKET } from './socket-receiver.ts';
import { findPostfix } from './found-postfix.ts';
import type { FoundPostfix } from './found-postfix.ts';
import { postfixLog } from './postfix-log.ts';
import { systemPlaces } from './setup-places.ts';
import { statePathOf } from './state.ts';

export class DoctorPostfix {
  readonly #invocation: Invocation;
  #found: FoundPostfix | undefined;
  #plan: SetupPlan | undefined;
  /** Of what is needed for a datagram to arrive. */
  readonly #findings: Finding[] = [];
  /** False on a host that reports what others collect. Known once `settings` has looked, as is everything else. */
  isThere = false;

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  /** Whatever setup would change is not as it has to be; whether the collector runs is found out for itself. */
  settings(): readonly Finding[] {
    const found = this.#find();
    const { ok, warning, broken } = findingsOf('postfix');
    if (!found)
      return [ok('There is no Postfix on this host; whether one elsewhere is set up to report is not known here.')];
    const plan = planSetup(found.host);
    const changes = changesOf(plan.wanted, systemPlaces).filter(({ place }) => place.kind !== 'service');
    const wrongs = changes.map((change) => broken(`Not set up: ${commandOf(change)}`, 'tlsrpt setup postfix --apply'));
    const fix = 'see "Setting up Postfix" in docs/operating.md';
    this.#findings.push(...wrongs);
    if (changes.every(({ place }) => place.kind === 'parameter')) this.#plan = plan;
    const findings = [...wrongs, ...plan.notes.map((what) => warning(what, fix))];
    return findings.length > 0 ? findings : [ok('Postfix is set up to report.')];
  }

  socket(): readonly Finding[] {
    if (!this.#found || !this.#plan) return [];
    const findings = judgeSocket(socketFacts(this.#plan.socketPath, this.#found.host));
    this.#findings.push(...findings);
    return findings;
  }

  async probe(): Promise<readonly Finding[]> {
    const { settings } = this.#invocation;
    if (!this.isThere && settings.socket === NO_SOCKET) return []; // everything comes over HTTP
    if (!this.#found && !this.isThere) return plainProbeFindings(settings.socket, statePathOf(this.#invocation));
    if (!this.#found || !this.#plan || worstOf(this.#findings) !== 'ok') return [];
    return probeFindings(this.#found.host.instances, statePathOf(this.#invocation));
  }

  log(): readonly Finding[] {
    if (!this.#found) return [];
    return judgePostfixLog(postfixLog(this.#found.host, this.#invocation.clock.nowMs()));
  }

  /** Whether what is said of the socket starts the collector too, so that nothing need be said of that. */
  startsCollector(): boolean {
    return this.#found?.host.socket.isOfUnit === true && worstOf(this.#findings) === 'broken';
  }

  usesDane(): boolean {
    const levels = this.#found?.host.instances.map(({ parameters }) => parameters['smtp_tls_security_level'] ?? '');
    return levels?.some((level) => level.startsWith('dane')) ?? false;
  }

  #find(): FoundPostfix | undefined {
    try {
      this.isThere = true;
      this.#found = findPostfix(this.#invocation);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'postfix-not-found') throw error;
      this.isThere = false;
    }
    return this.#found;
  }
}

/** Without the lines of a file that it writes. */
function commandOf(change: Change): string {
  const [command = ''] = changeText(change).trim().split('\n');
  return command;
}
