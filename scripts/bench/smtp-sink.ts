/**
 * A process of its own that takes mails over SMTP as fast as it can, and keeps none. Prints its port once it listens.
 *
 * It reads no more of the protocol than a client needs, so that what is measured is the client.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

const END_OF_MAIL = '\r\n.\r\n';

const server = createServer((socket) => {
  socket.setNoDelay(true).setEncoding('latin1');
  socket.write('220 sink ESMTP\r\n');
  const take = conversation(socket);
  socket.on('data', take).on('error', () => undefined);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${String((server.address() as AddressInfo).port)}\n`);
});

function conversation(socket: Socket): (chunk: string) => void {
  let pending = '';
  let isMail = false;
  return (chunk) => {
    pending += chunk;
    for (;;) {
      const ending = isMail ? END_OF_MAIL : '\r\n';
      const end = pending.indexOf(ending);
      if (end === -1) return;
      const command = isMail ? '' : pending.slice(0, end);
      pending = pending.slice(end + ending.length);
      isMail = !isMail && /^DATA/i.test(command);
      socket.write(replyTo(command));
      if (/^QUIT/i.test(command)) socket.end();
    }
  };
}

function replyTo(command: string): string {
  if (/^EHLO/i.test(command)) return '250-sink\r\n250-8BITMIME\r\n250 SIZE 50000000\r\n';
  if (/^DATA/i.test(command)) return '354 go on\r\n';
  return /^QUIT/i.test(command) ? '221 bye\r\n' : '250 ok\r\n';
}
