/**
 * The network of the test, run as a process of its own: DNS, a TLS policy server, and a mail server for each domain, on addresses that exist in
 * this network alone. `peers.ts FILE` writes the certificate of the authority that Postfix is to trust into FILE.
 *
 * Prints a line of JSON for each mail that a server takes, after the line "ready". A line of JSON on standard input says what is wrong with DNS from
 * then on (NameFaults); the line "done" answers it. Ends when its standard input does.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { makeTestCa } from '#test/support/test-certificates.ts';
import type { TestCertificate } from '#test/support/test-certificates.ts';
import { NameServer } from './dns.ts';
import type { NameFaults } from './dns.ts';
import { servePolicies } from './policy-server.ts';
import { hostOf, receivers } from './receivers.ts';
import type { ReceiverPlan } from './receivers.ts';

const [, , authorityFile = ''] = process.argv;
const [trusted, untrusted] = await Promise.all([makeTestCa(), makeTestCa()]);
writeFileSync(authorityFile, trusted.caPem);
execFileSync('ip', ['link', 'set', 'lo', 'up']);
for (const { address } of receivers) execFileSync('ip', ['addr', 'add', `${address}/32`, 'dev', 'lo']);

const certificates = new Map<string, string>();
for (const receiver of receivers) {
  const certificate = await certificateOf(receiver);
  if (certificate) certificates.set(hostOf(receiver), certificate.certPem);
  await serveMail(receiver, certificate);
}
const names = new NameServer(certificates);
await Promise.all([names.serve(), servePolicies()]);
process.stdout.write('ready\n');
for await (const line of createInterface(process.stdin)) {
  await names.serve(JSON.parse(line) as NameFaults);
  process.stdout.write('done\n');
}
process.kill(process.pid, 'SIGTERM');

function certificateOf(receiver: ReceiverPlan): Promise<TestCertificate> | undefined {
  const names = [hostOf(receiver)] as const;
  const issue = {
    good: () => trusted.issue({ names }),
    expired: () => trusted.issue({ names, expired: true }),
    untrusted: () => untrusted.issue({ names }),
    'other-name': () => trusted.issue({ names: ['elsewhere.example'] }),
  };
  return receiver.certificate && issue[receiver.certificate]();
}

async function serveMail(receiver: ReceiverPlan, certificate: TestCertificate | undefined): Promise<void> {
  const { address, domain } = receiver;
  const server = new SMTPServer({
    name: hostOf(receiver),
    disableReverseLookup: true,
    disabledCommands: ['AUTH', ...(certificate ? [] : ['STARTTLS'])],
    ...(certificate && { cert: certificate.certPem, key: certificate.keyPem }),
    onData(stream, { envelope }, callback) {
      void buffer(stream).then((content) => {
        const to = envelope.rcptTo.map((recipient) => recipient.address);
        process.stdout.write(`${JSON.stringify({ domain, to, raw: content.toString('latin1') })}\n`);
        callback();
      });
    },
  });
  server.on('error', () => undefined); // Postfix hangs up where TLS is not as it wants it
  server.listen(25, address);
  await once(server.server, 'listening');
}
