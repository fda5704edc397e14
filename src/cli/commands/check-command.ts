/**
 * `tlsrpt check DOMAIN...`: what senders see of a domain, and what they would report.
 *
 * No mail is sent. Any address is contacted that a domain names, also a private one, as whoever runs this named the domain.
 */
import { checkDomain } from '#pipeline/check/check-domain.ts';
import type { Finding } from '#pipeline/check/finding.ts';
import { canonicalDomain, isUsableDomain } from '#tlsrpt/domain-name.ts';
import { jsonFlag } from '#cli/arguments/flags.ts';
import { usageError } from '#cli/command.ts';
import type { Command, GivenFlags } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { checkJson, checkText } from '#cli/output/check-text.ts';
import type { CheckedDomain } from '#cli/output/check-text.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { sendersViewOf, SMTP_PORT, viewSettings } from '#cli/wiring/senders-view.ts';

export const checkCommand: Command = {
  name: 'check',
  summary: 'Show what senders see of a domain: records, MTA-STS policy, TLSA, STARTTLS, certificates',
  usages: ['DOMAIN...'],
  mostWords: Infinity,
  examples: [
    ['check example.com', 'show what is right and wrong, and a command to see each of it'],
    ['check example.com --dns-server 192.0.2.53', 'ask that resolver, which should validate DNSSEC'],
  ],
  flags: [
    jsonFlag,
    {
      name: 'port',
      argument: 'PORT',
      help: `The port of the mail servers, and of their TLSA records. Default: ${String(SMTP_PORT)}.`,
    },
  ],
  settings: viewSettings,
  run: async (invocation) => {
    const domains = requestedDomains(invocation.positionals);
    const opened = await sendersViewOf(invocation, requestedPort(invocation.given));
    const { view, nameServers } = opened;
    const isJson = invocation.given.has('json');
    const checked: CheckedDomain[] = [];
    try {
      for (const domain of domains) {
        const findings = await checkDomain(domain, view);
        const one = { domain, nameServers, isValidating: view.isValidating, findings };
        if (!isJson) invocation.print(checkText(one));
        checked.push(one);
      }
    } finally {
      opened.close();
    }
    if (isJson) invocation.print(jsonText(checked.map(checkJson)));
    return exitCodeFor(checked.flatMap(({ findings }) => findings));
  },
};

function requestedDomains(words: readonly string[]): string[] {
  if (words.length === 0) throw usageError('check needs a domain: tlsrpt check example.com');
  const domains = words.map(canonicalDomain);
  const strange = domains.findIndex((domain) => !isUsableDomain(domain));
  if (strange !== -1) throw usageError(`${words[strange] ?? ''} is no domain name.`);
  return [...new Set(domains)];
}

function requestedPort(given: GivenFlags): number {
  const text = given.text('port');
  if (text === undefined) return SMTP_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw usageError(`--port ${text} is no port. Write a number from 1 to 65535.`);
}

/** What is wrong comes before what is not known. */
function exitCodeFor(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ state }) => state === 'wrong')) return exitCode.foundWrong;
  return findings.some(({ state }) => state === 'unknown') ? exitCode.tryAgainLater : exitCode.done;
}
