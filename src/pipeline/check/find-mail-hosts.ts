/**
 * Finds the hosts that take the mail of a domain (RFC 5321 5.1): those of its MX records, the preferred ones first, or the domain itself.
 */
import { canonicalDomain, isUsableDomain } from '#tlsrpt/domain-name.ts';
import type { Finding } from './finding.ts';
import type { MxRecord } from './name-service.ts';
import type { SendersView } from './senders-view.ts';
import { withoutAnswer } from './without-answer.ts';

export interface MailHosts {
  /** In canonical form, each once. */
  readonly hosts: readonly string[];
  readonly findings: readonly Finding[];
  /** Whether DNSSEC confirms that these are the hosts. */
  readonly isAuthenticated: boolean;
}

/** More hosts than anybody has would only be many visits. */
const MOST_HOSTS = 10;
const NONE = '.';
/** RFC 7505 3 */
const NULL_BESIDE_OTHERS = 'a null MX (".") stands beside other records, which it must not';

export async function findMailHosts(domain: string, view: SendersView): Promise<MailHosts> {
  const answer = await view.names.mailHosts(domain);
  const command = view.commands.dig('MX', domain);
  if (answer.kind !== 'answered') return notFound(withoutAnswer('mx', answer, view.commands.digSigned('MX', domain)));
  const records = [...answer.records].sort((a, b) => a.preference - b.preference);
  if (records.length === 0) return implicitHost(domain, answer.isAuthenticated, command);
  if (records.every(({ host }) => host === NONE)) return notFound(takesNoMail(command));
  const { hosts, strange } = hostsOf(records.filter(({ host }) => host !== NONE));
  const left = hosts.length - MOST_HOSTS;
  const shown = hosts.slice(0, MOST_HOSTS);
  return {
    hosts: shown,
    isAuthenticated: answer.isAuthenticated,
    findings: [
      ...(shown.length === 0 ? [] : [mxFinding(shown, answer.isAuthenticated)]),
      ...(records.some(({ host }) => host === NONE) ? [wrong(NULL_BESIDE_OTHERS, command)] : []),
      ...strange.map((host) => wrong(`the MX record "${host}" names no host`, command)),
      ...(left > 0
        ? [{ about: 'mx', state: 'note', cause: `${String(left)} more are not looked at`, command } as const]
        : []),
    ],
  };
}

function notFound(finding: Finding): MailHosts {
  return { hosts: [], findings: [finding], isAuthenticated: false };
}

/** RFC 5321 5.1 */
function implicitHost(domain: string, isAuthenticated: boolean, command: string): MailHosts {
  const cause = 'there is no MX record, so senders try the domain itself';
  return { hosts: [domain], isAuthenticated, findings: [{ about: 'mx', state: 'note', cause, command }] };
}

/** RFC 7505 */
function takesNoMail(command: string): Finding {
  return { about: 'mx', state: 'note', cause: 'the domain takes no mail (null MX)', command };
}

function hostsOf(records: readonly MxRecord[]): { readonly hosts: string[]; readonly strange: string[] } {
  const names = [...new Set(records.map(({ host }) => canonicalDomain(host)))];
  return {
    hosts: names.filter(isUsableDomain),
    strange: names.filter((name) => !isUsableDomain(name)).slice(0, MOST_HOSTS),
  };
}

function mxFinding(hosts: readonly string[], isAuthenticated: boolean): Finding {
  return { about: 'mx', state: 'ok', cause: `${hosts.join(', ')}${isAuthenticated ? ' (DNSSEC)' : ''}` };
}

function wrong(cause: string, command: string): Finding {
  return { about: 'mx', state: 'wrong', cause, command };
}
