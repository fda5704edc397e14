/**
 * Looks at a domain as a sender does: its TLSRPT record, MTA-STS record and policy, MX and TLSA records, and what each mail server shows.
 *
 * Nothing is stored, and no mail is sent. What cannot be found out is a finding too, so one part that fails holds up no other. A second run
 * looks again.
 *
 * RFC 8460 3 and 4.3, RFC 8461 3 to 5, RFC 7672 2 and 3.
 */
import { checkMailHost } from './check-mail-host.ts';
import { checkStsPolicy } from './check-sts-policy.ts';
import { checkTlsrptRecord } from './check-tlsrpt-record.ts';
import type { Finding } from './finding.ts';
import { findMailHosts } from './find-mail-hosts.ts';
import { matchPolicy } from './match-policy.ts';
import type { SendersView } from './senders-view.ts';

/** `domain` is in its canonical form, and usable. */
export async function checkDomain(domain: string, view: SendersView): Promise<readonly Finding[]> {
  const [tlsrpt, sts, mail] = await Promise.all([
    checkTlsrptRecord(domain, view),
    checkStsPolicy(domain, view),
    findMailHosts(domain, view),
  ]);
  const demands = { domain, policy: sts.policy };
  const hosts = await Promise.all(mail.hosts.map((host) => checkMailHost(host, demands, view)));
  const isBare = sts.isKnownToBeAbsent && hosts.every(({ dane }) => dane === 'none');
  const isOpenToForgery = !mail.isAuthenticated && hosts.some(({ dane }) => dane === 'applies');
  return [
    ...tlsrpt,
    ...sts.findings,
    ...mail.findings,
    ...matchPolicy(domain, { policy: sts.policy, hosts: mail.hosts }, view.commands),
    ...hosts.flatMap(({ findings }) => findings),
    ...(isBare && hosts.length > 0 ? [noPolicy] : []),
    ...(isOpenToForgery ? [unconfirmedHosts(view.commands.digSigned('MX', domain))] : []),
  ];
}

const noPolicy: Finding = {
  about: 'policies',
  state: 'note',
  cause: 'neither MTA-STS nor DANE: nothing makes senders insist on TLS or look at certificates',
};

/** RFC 7672 2.2.1 */
function unconfirmedHosts(command: string): Finding {
  const cause =
    'DNSSEC confirms TLSA records, but not the MX records, so who forges these leads mail past them; some senders then do without DANE';
  return { about: 'policies', state: 'note', policyType: 'tlsa', cause, command };
}
