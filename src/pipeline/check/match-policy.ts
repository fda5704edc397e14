/**
 * Compares the MX hosts of a domain with those that its MTA-STS policy allows (RFC 8461 4.1).
 */
import { allowsHost, matchesPattern } from '#tlsrpt/sts-policy.ts';
import type { StsPolicy } from '#tlsrpt/sts-policy.ts';
import type { Finding } from './finding.ts';
import type { ShellCommands } from './shell-commands.ts';

export interface PolicyAndHosts {
  readonly policy: StsPolicy | undefined;
  readonly hosts: readonly string[];
}

export function matchPolicy(domain: string, { policy, hosts }: PolicyAndHosts, commands: ShellCommands): Finding[] {
  if (!policy || policy.mode === 'none') return [];
  const command = commands.dig('MX', domain);
  const unused = policy.mx.filter((pattern) => !hosts.some((host) => matchesPattern(pattern, host)));
  return [
    ...hosts.filter((host) => !allowsHost(policy, host)).map((host) => mismatch(host, command)),
    ...(hosts.length > 0 && unused.length > 0 ? [unusedPatterns(unused, command)] : []),
  ];
}

/** RFC 8460 has no result type of its own for it; the reporters that tell it use this one. */
function mismatch(host: string, command: string): Finding {
  return {
    about: 'mx',
    host,
    state: 'wrong',
    policyType: 'sts',
    resultType: 'validation-failure',
    cause: 'no mx line of the MTA-STS policy allows this host, so senders do not use it',
    command,
  };
}

function unusedPatterns(patterns: readonly string[], command: string): Finding {
  const cause = `the policy allows ${patterns.join(', ')}, and no MX host has such a name`;
  return { about: 'sts-policy', state: 'note', policyType: 'sts', cause, command };
}
