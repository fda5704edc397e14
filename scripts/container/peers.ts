/**
 * The network of the test, run as a process of its own: a name server with one TLSRPT record, and a mail server.
 *
 * Prints where they are as a line of JSON, then one for each mail that is taken. Ends when its standard input does.
 */
import { execFileSync } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { startDnsServer } from '#test/support/dns-server.ts';

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const { server: dns } = await startDnsServer({
  '_smtp._tls.receiver.example': ['v=TLSRPTv1; rua=mailto:reports@receiver.example'],
});
const mail = new SMTPServer({
  disableReverseLookup: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  onData(stream, { envelope }, callback) {
    void buffer(stream).then((content) => {
      say({ to: envelope.rcptTo.map(({ address }) => address), raw: content.toString('latin1') });
      callback();
    });
  },
});
const listening = mail.listen(0, '127.0.0.1');
await once(listening, 'listening');
say({ dns, smtp: `smtp://127.0.0.1:${String((listening.address() as AddressInfo).port)}` });
process.stdin.resume().on('end', () => {
  process.kill(process.pid, 'SIGTERM');
});

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
