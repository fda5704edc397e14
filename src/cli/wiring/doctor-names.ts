/**
 * What `doctor` finds out in DNS: whether name servers answer, whether our DKIM keys are published, and what senders see of our domain.
 *
 * Problems: configuration-error.
 */
import { askAboutRoot, dnsNameService, nameServersOf } from '#adapters/dns/dns-name-service.ts';
import { publicKeysOf } from '#adapters/mail/dkim-key.ts';
import type { DkimKey } from '#adapters/mail/dkim-key.ts';
import { checkDomain } from '#pipeline/check/check-domain.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeDkim } from '#pipeline/doctor/judge-dkim.ts';
import type { SigningKey } from '#pipeline/doctor/judge-dkim.ts';
import { judgeClock } from '#pipeline/doctor/judge-clock.ts';
import type { SignedTime } from '#pipeline/doctor/judge-clock.ts';
import { judgeNameServers } from '#pipeline/doctor/judge-name-servers.ts';
import type { NameServer } from '#pipeline/doctor/judge-name-servers.ts';
import { judgeOwnDomain } from '#pipeline/doctor/judge-own-domain.ts';
import { submitterDomain } from '#tlsrpt/submitter.ts';
import type { Invocation } from '#cli/command.ts';
import { dkimSigningOf } from './dkim-signing.ts';
import { hasCollectorUnit } from './doctor-facts.ts';
import { sendersViewOf, SMTP_PORT } from './senders-view.ts';
import { senderOf, submitterOf } from './submitter.ts';

export interface NamesContext {
  /** Whether Postfix does; it asks the name servers of the system, whatever ours are. */
  readonly usesDane: boolean;
  /** When something was noted last here; undefined when nothing was. */
  readonly lastNotedMs: number | undefined;
}

/** Whether they answer, and what their answers say of the clock: with a wrong one they may believe nothing themselves. */
export async function nameServerFindings({ settings, clock }: Invocation, context: NamesContext): Promise<Finding[]> {
  const [ours, ofDane] = [nameServersOf(settings.dnsServers), context.usesDane ? nameServersOf([]) : []];
  const asked = await Promise.all([...new Set([...ours, ...ofDane])].map(askNameServer));
  const signed = asked.flatMap((server) => server.signed);
  const ofClock = judgeClock({
    nowMs: clock.nowMs(),
    signed,
    lastNotedMs: context.lastNotedMs,
    hasUnit: hasCollectorUnit(),
  });
  const among = (servers: readonly string[]): NameServer[] => asked.filter(({ server }) => servers.includes(server));
  return ofClock.grade === 'broken'
    ? [ofClock]
    : [ofClock, ...judgeNameServers({ ours: among(ours), ofDane: among(ofDane) })];
}

async function askNameServer(server: string): Promise<NameServer & { readonly signed: readonly SignedTime[] }> {
  return { server, ...(await askAboutRoot(server)) };
}

export async function dkimFindings(invocation: Invocation): Promise<Finding[]> {
  const { settings } = invocation;
  const signing = dkimSigningOf(invocation, senderOf(settings));
  if (!signing) return judgeDkim([], settings.dkimDomain ?? submitterDomain(submitterOf(settings)));
  const { domain, keys } = signing;
  const names = dnsNameService(nameServersOf(settings.dnsServers));
  const asked = keys.map(async (key): Promise<SigningKey> => {
    const name = `${key.selector}._domainkey.${domain}`;
    return { name, keyType: keyTypeOf(key), publicKeys: publicKeysOf(key), answer: await names.texts(name) };
  });
  return judgeDkim(await Promise.all(asked), domain);
}

function keyTypeOf({ algorithm }: DkimKey): SigningKey['keyType'] {
  return algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519';
}

export async function ownDomainFindings(invocation: Invocation): Promise<Finding[]> {
  const domain = submitterDomain(submitterOf(invocation.settings));
  const opened = await sendersViewOf(invocation, SMTP_PORT);
  try {
    const findings = await checkDomain(domain, opened.view);
    return judgeOwnDomain(domain, {
      wrongs: findings
        .filter(({ state }) => state === 'wrong')
        .map(({ about, host, cause }) => `${about}${host === undefined ? '' : ` of ${host}`}: ${cause}`),
      isAllKnown: !findings.some(({ state }) => state === 'unknown'),
    });
  } finally {
    opened.close();
  }
}
