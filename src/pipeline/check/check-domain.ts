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
  return [
    ...tlsrpt,
    ...sts.findings,
    ...mail.findings,
    ...matchPolicy(domain, { policy: sts.policy, hosts: mail.hosts }, view.commands),
    ...hosts.flatMap(({ findings }) => findings),
    ...(mail.hosts.length > 0 && sts.isKnownToBeAbsent && hosts.every(({ hasDane }) => !hasDane) ? [noPolicy] : []),
  ];
}

const noPolicy: Finding = {
  about: 'policies',
  state: 'note',
  cause: 'neither MTA-STS nor DANE: nothing makes senders insist on TLS or look at certificates',
};
