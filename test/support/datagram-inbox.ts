/**
 * A unix datagram socket of this process, to see what others send to it.
 */
import { RecvmmsgBatch } from '#adapters/datagram/recvmmsg-batch.ts';
import { openDatagramSocket } from '#adapters/datagram/datagram-socket.ts';
import { loadLibc } from '#support/libc.ts';
import { onTestFinished } from 'vitest';

const SIZE = { datagrams: 64, datagramBytes: 4_096 };

/** Returns what has come since the last call, as text. */
export function openInbox(path: string): () => string[] {
  const socket = openDatagramSocket({ path, mode: 0o600, userId: undefined, groupId: undefined });
  const bytes = Buffer.alloc(SIZE.datagrams * SIZE.datagramBytes);
  const batch = new RecvmmsgBatch(socket.fd, SIZE, bytes);
  socket.publish();
  onTestFinished(() => {
    socket.unlink();
    loadLibc().close(socket.fd);
  });
  return () => {
    const count = batch.receiveQueued();
    return Array.from({ length: count }, (_, index) => {
      const start = batch.startOf(index);
      return bytes.toString('utf8', start, start + batch.lengthOf(index));
    });
  };
}
