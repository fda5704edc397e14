/**
 * Sends a test datagram to the collector as smtp(8) of each instance of Postfix sends, or as this process where the MTA is elsewhere, and waits
 * until the collector tells that it came.
 *
 * Problems: system-command-failed, native-library-unavailable.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { sendDatagram } from '#adapters/datagram/send-datagram.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeProbe, probeNotTried } from '#pipeline/doctor/judge-probe.ts';
import type { ProbeFate } from '#pipeline/doctor/judge-probe.ts';
import type { PostfixInstance } from '#pipeline/setup/postfix-instance.ts';
import type { CollectorNote } from '#store/collector-note.ts';
import { Store } from '#store/store.ts';
import type { Sessions } from '#store/sessions/sessions.ts';
import { systemClock } from '#support/clock.ts';
import { formatProbe, markOf } from '#tlsrpt/probe.ts';
import { hasCollectorUnit, idOf } from './doctor-facts.ts';

const NONCE_BYTES = 8;
const DEADLINE_MS = 5_000;
const BETWEEN_LOOKS_MS = 50;
const ROOT = 0;

/** Nothing where no collector runs, which is a finding of its own. Not as the owner of the state directory: acting as Postfix's user takes root. */
export async function probeFindings(instances: readonly PostfixInstance[], stateDirectory: string): Promise<Finding[]> {
  const { sessions } = await Store.open(stateDirectory);
  if (sessions.collector().kind !== 'running') return [];
  if (process.geteuid?.() !== ROOT) return [probeNotTried()];
  const [findings, hasUnit]: [Finding[], boolean] = [[], hasCollectorUnit()];
  for (const instance of instances.filter(({ clients }) => clients.length > 0)) {
    const fate = await probe((bytes) => sendAs(instance, bytes), sessions);
    findings.push(judgeProbe({ instance, socketName: nameOf(instance), fate, hasUnit }));
  }
  return findings;
}

/** As above. Who runs this need not be root, and may write to the socket or not. */
export async function plainProbeFindings(socket: string, stateDirectory: string): Promise<Finding[]> {
  const { sessions } = await Store.open(stateDirectory);
  if (sessions.collector().kind !== 'running') return [];
  const fate = await probe((bytes) => sendDatagram(bytes, socket), sessions);
  return [judgeProbe({ instance: undefined, socketName: socket, fate, hasUnit: hasCollectorUnit() })];
}

/** `send` returns why that failed; undefined when the kernel has taken it. */
async function probe(send: (bytes: Buffer) => string | undefined, sessions: Sessions): Promise<ProbeFate> {
  const nonce = randomBytes(NONCE_BYTES).toString('hex');
  const why = send(formatProbe(nonce));
  if (why !== undefined) return { kind: 'not-sent', why };
  const endMs = systemClock.steadyMs() + DEADLINE_MS;
  while (systemClock.steadyMs() < endMs) {
    const sighting = sessions.collector();
    if (sighting.kind === 'running' && isNoted(nonce, sighting)) return { kind: 'arrived' };
    await systemClock.sleep(BETWEEN_LOOKS_MS);
  }
  return { kind: 'lost', waitedMs: DEADLINE_MS };
}

/** Another run of doctor may have sent one since. */
function isNoted(nonce: string, { probes = [] }: CollectorNote): boolean {
  return probes.includes(markOf(nonce));
}

/** smtp(8) works in the queue directory, which is its root where it is chrooted. */
function sendAs(instance: PostfixInstance, bytes: Buffer): string | undefined {
  const { queueDirectory, clients, user } = instance;
  const isChrooted = clients.some((client) => client.isChrooted);
  const path = isChrooted ? join('/', nameOf(instance)) : resolve(queueDirectory, nameOf(instance));
  return sendDatagram(bytes, path, {
    userId: idOf('-u', user),
    groupId: idOf('-g', user),
    root: isChrooted ? queueDirectory : undefined,
  });
}

function nameOf({ parameters }: PostfixInstance): string {
  return parameters['smtp_tlsrpt_socket_name'] ?? '';
}
