/**
 * The Postfix of the machine: how it is set up, the mails it is given, and what it logged of TLS.
 */
import { eventually } from './machine.ts';
import type { Machine } from './machine.ts';
import { POLICY_PORT } from './policy-server.ts';
import { receivers } from './receivers.ts';

export const AUTHORITY = '/etc/test-authority.pem';

/** Sessions by outcome. */
export interface Outcomes {
  readonly successful: number;
  readonly failed: number;
}

/** Before the machine is booted: names are looked up in the network of the test, and the journal outlives a reboot. */
export function preparePostfix(machine: Machine): void {
  machine.write('/var/log/journal/.kept', '');
  machine.write('/etc/hostname', 'mail.example\n');
  machine.write('/etc/hosts', '127.0.0.1 localhost\n127.0.0.1 mail.example\n');
  machine.write('/etc/resolv.conf', 'nameserver 127.0.0.1\noptions trust-ad timeout:2\n');
}

/** As an administrator does who wants DANE and MTA-STS. */
export async function setUpPostfix(machine: Machine): Promise<void> {
  await machine.run(
    'postconf',
    'myhostname=mail.example',
    'mydestination=mail.example, localhost',
    'inet_interfaces=loopback-only',
    'inet_protocols=ipv4',
    'mynetworks=127.0.0.0/8',
    'smtp_dns_support_level=dnssec',
    'smtp_tls_security_level=dane',
    `smtp_tls_CAfile=${AUTHORITY}`,
    `smtp_tls_policy_maps=socketmap:inet:127.0.0.1:${String(POLICY_PORT)}:QUERYwithTLSRPT`,
    'compatibility_level=3.6',
  );
  await machine.run('systemctl', 'restart', 'postfix');
}

/** What is set where nothing is the default, of TLSRPT. */
export async function tlsrptSettings(machine: Machine): Promise<string[]> {
  return (await machine.run('postconf', '-n')).split('\n').filter((line) => line.startsWith('smtp_tlsrpt_'));
}

/** To each domain as many as planned; resolves once Postfix has tried them all. None is tried again. */
export async function sendMails(machine: Machine): Promise<void> {
  const before = (await deliveryLines(machine)).length;
  const to = receivers.flatMap(({ domain, mails }) =>
    Array.from({ length: mails }, (_, index) => `user${String(index)}@${domain}`),
  );
  for (const recipient of to)
    await machine.shell(`printf 'Subject: test\\n\\ntest\\n' | sendmail -f sender@mail.example ${recipient}`);
  await eventually(
    'Postfix has tried every mail',
    async () => (await deliveryLines(machine)).length >= before + to.length,
  );
  await machine.run('postsuper', '-d', 'ALL', 'deferred');
}

/** By domain, since the machine is there. */
export async function loggedOutcomes(machine: Machine): Promise<Map<string, Outcomes>> {
  const outcomes = new Map<string, Outcomes>();
  for (const line of await postfixLog(machine)) {
    const [, status, domain = ''] = /TLSRPT: status=(\w+), domain=([^,]+)/.exec(line) ?? [];
    if (status === undefined) continue;
    const { successful, failed } = outcomes.get(domain) ?? { successful: 0, failed: 0 };
    const isSuccess = status === 'success';
    outcomes.set(domain, { successful: successful + Number(isSuccess), failed: failed + Number(!isSuccess) });
  }
  return outcomes;
}

/** What Postfix says when the collector did not take a report. */
export async function complaints(machine: Machine): Promise<string[]> {
  return (await postfixLog(machine)).filter((line) => line.includes('Could not report'));
}

async function deliveryLines(machine: Machine): Promise<string[]> {
  return (await postfixLog(machine)).filter((line) => /\/smtp\[\d+\]: .* status=(sent|deferred|bounced)/.test(line));
}

async function postfixLog(machine: Machine): Promise<string[]> {
  return (await machine.run('journalctl', '--facility=mail', '--output=short', '--no-pager')).split('\n');
}
