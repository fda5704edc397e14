/**
 * What the failures in reports of others mean for us: what each is, what to look at, and commands to see it.
 *
 * Each result type is explained once for each policy type and domain. Names in commands are foreign, so only those of DNS are put there.
 */
import type { ShellCommands } from '#pipeline/check/shell-commands.ts';
import { isDnsName, isUsableDomain } from '#tlsrpt/domain-name.ts';
import type { InboundFailure, InboundPolicy, InboundReport } from '#tlsrpt/inbound-report.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';
import { readPolicyType } from '#tlsrpt/policy-type.ts';
import { meaningOfReason } from '#tlsrpt/reason-meaning.ts';
import { causesOf } from '#tlsrpt/result-type-causes.ts';
import { meaningOf } from '#tlsrpt/result-type-meaning.ts';
import { isKnownResultType, readResultType } from '#tlsrpt/result-type.ts';
import type { KnownResultType } from '#tlsrpt/result-type.ts';

const SMTP_PORT = 25;
const MOST_HOSTS = 3;
const MOST_EXPLAINED = 100;
const MAX_LENGTH = 60;
const INDENTS = { first: '  ', others: '  ' };
const LIST_INDENTS = { first: '  ', others: '    ' };

interface Explained {
  readonly policy: InboundPolicy;
  readonly resultType: string;
  readonly hosts: Set<string>;
  readonly reasons: Set<string>;
}

export class Explanations {
  readonly #commands: ShellCommands;
  readonly #byKind = new Map<string, Explained>();

  constructor(commands: ShellCommands) {
    this.#commands = commands;
  }

  add({ policies }: InboundReport): void {
    for (const policy of policies) for (const failure of policy.failures) this.#addFailure(policy, failure);
  }

  /** Empty when nothing failed. */
  text(): string {
    const explained = [...this.#byKind.values()].flatMap((each) => this.#linesOf(each));
    return explained.length === 0 ? '' : `\nWhat that means:\n\n${explained.join('\n')}`;
  }

  #addFailure(policy: InboundPolicy, { resultType, receivingMxHostname: host, reasonCode }: InboundFailure): void {
    const kind = JSON.stringify([resultType, policy.type, policy.domain]);
    const known = this.#byKind.get(kind);
    if (!known && this.#byKind.size >= MOST_EXPLAINED) return;
    const explained = known ?? { policy, resultType, hosts: new Set(), reasons: new Set() };
    this.#byKind.set(kind, explained);
    if (host !== undefined && isDnsName(host) && explained.hosts.size < MOST_HOSTS) explained.hosts.add(host);
    const meaning = reasonCode === undefined ? undefined : meaningOfReason(reasonCode);
    if (meaning !== undefined) explained.reasons.add(meaning);
  }

  #linesOf({ policy, resultType, hosts, reasons }: Explained): string[] {
    const domain = isUsableDomain(policy.domain) ? policy.domain : 'DOMAIN';
    const name = `${showForeign(resultType, MAX_LENGTH)} (${showForeign(policy.type, MAX_LENGTH)} of ${showForeign(policy.domain, MAX_LENGTH)})`;
    return [
      ...wrapText(name),
      ...meaningLines(resultType, policy.type, domain),
      ...[...reasons].flatMap((reason) => wrapText(reason, INDENTS)),
      ...this.#commandsFor(resultType, domain, [...hosts]).map((command) => `  $ ${command}`),
      ...(domain === 'DOMAIN' ? [] : [`  $ tlsrpt check ${domain}`]),
      '',
    ];
  }

  #commandsFor(resultType: string, domain: string, hosts: readonly string[]): string[] {
    if (resultType.startsWith('sts-'))
      return domain === 'DOMAIN'
        ? []
        : [
            this.#commands.dig('TXT', `_mta-sts.${domain}`),
            this.#commands.curl(new URL(`https://mta-sts.${domain}/.well-known/mta-sts.txt`)),
          ];
    if (['tlsa-invalid', 'dnssec-invalid', 'dane-required'].includes(resultType))
      return hosts.map((host) => this.#commands.digSigned('TLSA', `_${String(SMTP_PORT)}._tcp.${host}`));
    return hosts.map((host) => this.#commands.openssl(host, { port: SMTP_PORT }));
  }
}

function meaningLines(resultType: string, policyType: string, domain: string): string[] {
  const known = knownTypeOf(resultType);
  if (known === undefined)
    return wrapText('The sender has a name of its own for it; its reason above may say more.', INDENTS);
  const type = readPolicyType(policyType) ?? 'no-policy-found';
  const { meaning, check } = meaningOf(known, type);
  const causes = causesOf(known, type).map(({ sign, cause }) => `If ${sign}: ${cause}`);
  return [
    ...[meaning, `Check ${check}`].flatMap((text) => wrapText(text.replaceAll('DOMAIN', domain), INDENTS)),
    ...causes.flatMap((text) => wrapText(`- ${text.replaceAll('DOMAIN', domain)}`, LIST_INDENTS)),
  ];
}

function knownTypeOf(resultType: string): KnownResultType | undefined {
  const type = readResultType(resultType);
  return type !== undefined && isKnownResultType(type) ? type : undefined;
}
