import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatagramSocket } from '#adapters/datagram/datagram-socket.ts';
import { startThreadedReceiver } from '#adapters/datagram/threaded-receiver.ts';
import { loadLibc } from '#support/libc.ts';
import { describeReceiver } from '#test/contracts/receiver.contract.ts';
import type { ReceiverSubject } from '#test/contracts/receiver.contract.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';

interface Subject extends ReceiverSubject {
  readonly fd: number;
}

async function startOn(fd: number, path: string): Promise<Subject> {
  const receiver = await startThreadedReceiver(fd);
  // Until it has ended it takes what is queued, also on the socket that gets the number of its descriptor next.
  onTestFinished(async () => {
    receiver.stop();
    while (!receiver.ended) await receiver.wait(1_000);
  });
  return {
    fd,
    receiver,
    send: (datagrams) => {
      sendDatagrams(path, datagrams);
    },
  };
}

async function startOnOwn(): Promise<Subject> {
  const path = join(scratchDirectory(), 'socket');
  const socket = openDatagramSocket({ path, mode: 0o600, userId: undefined, groupId: undefined });
  const subject = await startOn(socket.fd, path);
  socket.publish();
  return subject;
}

function startOnInherited(isNonBlocking: boolean): () => Promise<Subject> {
  return () => {
    const path = join(scratchDirectory(), 'socket');
    return startOn(bindAsSystemd(path, { isNonBlocking }).fd, path);
  };
}

function flagsOf(fd: number): string | undefined {
  return /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${String(fd)}`, 'utf8'))?.[1];
}

const starts: readonly (readonly [name: string, () => Promise<Subject>])[] = [
  ['its own socket', startOnOwn],
  ['an inherited socket', startOnInherited(false)],
  ['an inherited socket that does not block', startOnInherited(true)],
];

for (const [name, start] of starts) describeReceiver(`The receiver thread on ${name}`, start);

describe.each(starts)('The receiver thread on %s', (_name, start) => {
  it('drains the socket while the main thread does something else', async () => {
    const { receiver, send } = await start();
    const datagrams = Array.from({ length: 20_000 }, (_, index) => Buffer.from(`${String(index)} ${'x'.repeat(500)}`));
    await send(datagrams); // holds this thread until the kernel has taken the last one
    let next = 0;
    while (next < datagrams.length) {
      await receiver.wait(1_000);
      receiver.take(4_096, (bytes) => {
        if (datagrams[next]?.equals(bytes) !== true) throw new Error(`datagram ${String(next)} is another`);
        next += 1;
      });
    }
    expect(next).toBe(datagrams.length);
  });
});

describe('The receiver thread', () => {
  it.each([false, true])('leaves an inherited socket as it is (non-blocking: %s)', async (isNonBlocking) => {
    const path = join(scratchDirectory(), 'socket');
    const { fd } = bindAsSystemd(path, { isNonBlocking });
    const before = flagsOf(fd);
    const { receiver } = await startOn(fd, path);
    receiver.stop();
    while (!receiver.ended) await receiver.wait(1_000);
    expect(flagsOf(fd)).toBe(before);
  });

  it('ends and says why when it cannot receive', async () => {
    const fd = loadLibc().socket(1, 1, 0); // a stream socket, not connected
    const failureOf = async (): Promise<Error | undefined> => {
      const receiver = await startThreadedReceiver(fd);
      while (!receiver.ended) await receiver.wait(1_000);
      return receiver.failure;
    };
    // On a busy machine it has failed before it is heard of as started.
    expect((await failureOf().catch((error: unknown) => error as Error))?.message).toMatch(/^recvmmsg: E/);
    loadLibc().close(fd);
  });
});
