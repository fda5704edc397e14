/**
 * What a kind of failure that others report means for us: what it is, what to look at, the likely causes, and commands to see it.
 *
 * Names in commands are foreign, so only those of DNS are put there.
 */
import type { ShellCommands } from '#pipeline/check/shell-commands.ts';
import { isDnsName } from '#tlsrpt/domain-name.ts';
import { domainToName, explainFailure, UNNAMED_DOMAIN } from '#tlsrpt/explain-failure.ts';
import type { FailureToExplain } from '#tlsrpt/explain-failure.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';

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
  const domain = domainToName(policyDomain);
  const hosts = [...new Set(failure.hosts.filter(isDnsName))].slice(0, MOST_HOSTS);
  return [
    ...meaningLines({ resultType, policyType, domain }),
    ...failure.meanings.flatMap((meaning) => wrapText(meaning, INDENTS)),
    ...commandsFor({ resultType, domain, hosts }, commands).map((command) => `  $ ${command}`),
    ...(domain === UNNAMED_DOMAIN ? [] : [`  $ tlsrpt check ${domain}`]),
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
    return domain === UNNAMED_DOMAIN
      ? []
      : [
          commands.dig('TXT', `_mta-sts.${domain}`),
          commands.curl(new URL(`https://mta-sts.${domain}/.well-known/mta-sts.txt`)),
        ];
  if (['tlsa-invalid', 'dnssec-invalid', 'dane-required'].includes(resultType))
    return hosts.map((host) => commands.digSigned('TLSA', `_${String(SMTP_PORT)}._tcp.${host}`));
  return hosts.map((host) => commands.openssl(host, { port: SMTP_PORT }));
}

function meaningLines(failure: FailureToExplain): string[] {
  const explained = explainFailure(failure);
  if (!explained) return wrapText('The sender has a name of its own for it; its reason above may say more.', INDENTS);
  return [
    ...explained.sentences.flatMap((sentence) => wrapText(sentence, INDENTS)),
    ...explained.causes.flatMap((cause) => wrapText(`- ${cause}`, LIST_INDENTS)),
  ];
}
