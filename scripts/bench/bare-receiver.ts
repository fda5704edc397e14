/**
 * The yardstick: a process that receives datagrams with recvmmsg and does nothing else with them.
 *
 * Arguments: the socket, and how many datagrams to take before it ends. Prints `ready` once it receives.
 */
import { openDatagramSocket } from '#adapters/datagram/datagram-socket.ts';
import { RecvmmsgBatch } from '#adapters/datagram/recvmmsg-batch.ts';

const SIZE = { datagrams: 64, datagramBytes: 262_144 };

const [, , path = '', wanted = '0'] = process.argv;
const socket = openDatagramSocket({ path, mode: 0o600, userId: undefined, groupId: undefined });
const batch = new RecvmmsgBatch(socket.fd, SIZE, Buffer.alloc(SIZE.datagrams * SIZE.datagramBytes));
socket.publish();
process.stdout.write('ready\n', () => {
  for (let received = 0; received < Number(wanted);) received += batch.receive();
  socket.unlink();
});
