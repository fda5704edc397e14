/**
 * A network that can be cut: the program that is in it reaches servers of this machine until then, and nothing after it, as if somebody had pulled the
 * cable. For root it is a network namespace with one end of a pair of interfaces; for others connections that stand still.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface CutNetwork {
  /** Of this machine, as seen from there. */
  readonly address: string;
  /** What comes before a command that is to be run in it. */
  readonly prefix: readonly string[];
  /** The port at `address` that leads to one of 127.0.0.1. */
  lead(port: number): Promise<number>;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function makeCutNetwork(): Promise<CutNetwork> {
  const namespace = makeNamespace();
  const address = namespace?.address ?? '127.0.0.1';
  const [servers, sockets] = [new Set<Server>(), new Set<Socket>()];
  let isStill = false;
  const join = (one: Socket, other: Socket): void => {
    sockets.add(one);
    one.on('data', (bytes) => {
      if (!other.write(bytes)) one.pause();
    });
    other.on('drain', () => {
      if (!isStill) one.resume();
    });
    one
      .on('error', () => undefined)
      .on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
  };
  const setStill = (still: boolean): void => {
    isStill = still;
    for (const socket of sockets)
      if (still) socket.pause();
      else socket.resume();
  };
  return {
    address,
    prefix: namespace?.prefix ?? [],
    lead: async (port) => {
      const server = createServer((inner) => {
        const outer = connect(port, '127.0.0.1');
        join(inner, outer);
        join(outer, inner);
        if (isStill) setStill(true);
      });
      servers.add(server.listen(0, address));
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
    cut: () => {
      if (namespace) namespace.set('down');
      else setStill(true);
    },
    mend: () => {
      if (namespace) namespace.set('up');
      else setStill(false);
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([...servers].map((server) => new Promise((resolve) => server.close(resolve))));
      namespace?.remove();
    },
  };
}

interface Namespace {
  readonly address: string;
  readonly prefix: readonly string[];
  set(state: 'down' | 'up'): void;
  remove(): void;
}

/** Undefined where that is not allowed. */
function makeNamespace(): Namespace | undefined {
  const name = `tlsrpt-${String(process.pid)}`;
  const [outside, inside] = [`tl${String(process.pid)}o`, `tl${String(process.pid)}i`];
  const network = `10.213.${String(process.pid % 256)}`;
  if (!ip('netns', 'add', name)) return undefined;
  const remove = (): void => {
    ip('netns', 'delete', name); // and the interfaces with it
  };
  const made =
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', name) &&
    ip('address', 'add', `${network}.1/24`, 'dev', outside) &&
    ip('link', 'set', outside, 'up') &&
    ip('-n', name, 'address', 'add', `${network}.2/24`, 'dev', inside) &&
    ip('-n', name, 'link', 'set', 'lo', 'up') &&
    ip('-n', name, 'link', 'set', inside, 'up');
  if (!made) remove();
  return made
    ? {
        address: `${network}.1`,
        prefix: ['ip', 'netns', 'exec', name],
        set: (state) => ip('-n', name, 'link', 'set', inside, state),
        remove,
      }
    : undefined;
}

function ip(...words: readonly string[]): boolean {
  return spawnSync('ip', words, { stdio: 'ignore' }).status === 0;
}
