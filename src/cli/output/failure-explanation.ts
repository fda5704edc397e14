/**
 * What a kind of failure that others report means for us: what it is, what to look at, the likely causes, and commands to see it.
 *
 * Names in commands are foreign, so only those of DNS are put there.
 */
import type { ShellCommands } from '#pipeline/check/shell-commands.ts';
import { isDnsName, isUsableDomain } from '#tlsrpt/domain-name.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';
import { readPolicyType } from '#tlsrpt/policy-type.ts';
import { causesOf } from '#tlsrpt/result-type-causes.ts';
import { meaningOf } from '#tlsrpt/result-type-meaning.ts';
import { isKnownResultType, readResultType } from '#tlsrpt/result-type.ts';
import type { KnownResultType } from '#tlsrpt/result-type.ts';

const SMTP_PORT = 25;
const MOST_HOSTS = 3;
const MAX_LENGTH = 60;
const INDENTS = { first: '  ', others: '  ' };
const LIST_INDENTS = { first: '  ', others: '    ' };

/** As far as the details of its failures tell. */
export interface ExplainedFailure {
  readonly policyType: string;
  readonly policyDomain: string;
  readonly resultType: string;
  /** Where it was met. */
  readonly hosts: readonly string[];
  /** What the words of the senders for it mean (reason-meaning.ts). */
  readonly meanings: readonly string[];
}

/** Indented; without a name. */
export function explanationLines(failure: ExplainedFailure, commands: ShellCommands): string[] {
  const { resultType, policyType, policyDomain } = failure;
  const domain = isUsableDomain(policyDomain) ? policyDomain : 'DOMAIN';
  const hosts = [...new Set(failure.hosts.filter(isDnsName))].slice(0, MOST_HOSTS);
  return [
    ...meaningLines(resultType, policyType, domain),
    ...failure.meanings.flatMap((meaning) => wrapText(meaning, INDENTS)),
    ...commandsFor({ resultType, domain, hosts }, commands).map((command) => `  $ ${command}`),
    ...(domain === 'DOMAIN' ? [] : [`  $ tlsrpt check ${domain}`]),
  ];
}

export function failureName({
  resultType,
  policyType,
  policyDomain,
}: Omit<ExplainedFailure, 'hosts' | 'meanings'>): string {
  const [type, policy, domain] = [resultType, policyType, policyDomain].map((text) => showForeign(text, MAX_LENGTH));
  return `${type ?? ''} (${policy ?? ''} of ${domain ?? ''})`;
}

interface Seen {
  readonly resultType: string;
  readonly domain: string;
  readonly hosts: readonly string[];
}

function commandsFor({ resultType, domain, hosts }: Seen, commands: ShellCommands): string[] {
  if (resultType.startsWith('sts-'))
    return domain === 'DOMAIN'
      ? []
      : [
          commands.dig('TXT', `_mta-sts.${domain}`),
          commands.curl(new URL(`https://mta-sts.${domain}/.well-known/mta-sts.txt`)),
        ];
  if (['tlsa-invalid', 'dnssec-invalid', 'dane-required'].includes(resultType))
    return hosts.map((host) => commands.digSigned('TLSA', `_${String(SMTP_PORT)}._tcp.${host}`));
  return hosts.map((host) => commands.openssl(host, { port: SMTP_PORT }));
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
