/**
 * A stretch of network between an SMTP client and its server, with a wire across it: what trips it is not passed on.
 *
 * The wire lies before the first chunk of one side that matches, or of the server's answer to the whole mail.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface Wire {
  readonly from: 'client' | 'server';
  readonly text: RegExp;
  /** The wire is there only once the client has sent its mail. */
  readonly afterMail?: boolean;
  /** What trips it gets through nevertheless. */
  readonly lets?: boolean;
}

export interface Tripwire {
  readonly port: number;
  close(): Promise<void>;
}

const END_OF_MAIL = /\r\n\.\r\n$/;

export async function startTripwire(toPort: number, wire: Wire, onTrip: () => void): Promise<Tripwire> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(toPort, '127.0.0.1');
    const trips = conversation(wire);
    const passOn = (from: Wire['from'], chunk: Buffer, to: Socket): void => {
      const crossing = trips(from, chunk);
      if (crossing === 'free' || (crossing === 'trips' && wire.lets === true)) to.write(chunk);
      if (crossing === 'trips') setImmediate(onTrip);
    };
    client.on('data', (chunk) => {
      passOn('client', chunk, upstream);
    });
    upstream.on('data', (chunk) => {
      passOn('server', chunk, client);
    });
    tie(client, upstream, sockets);
    tie(upstream, client, sockets);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

type Crossing = 'free' | 'trips' | 'cut';

/** What becomes of each chunk of one connection. Commands and replies may come several in a chunk, or in parts. */
function conversation(wire: Wire): (from: Wire['from'], chunk: Buffer) => Crossing {
  const said = { client: '', server: '' };
  let isCut = false;
  return (from, chunk) => {
    const isMailSent = END_OF_MAIL.test(said.client);
    said[from] = `${from === 'server' && isMailSent ? '' : said[from]}${chunk.toString('latin1')}`;
    if (isCut) return 'cut';
    isCut = from === wire.from && (isMailSent || wire.afterMail !== true) && wire.text.test(said[from]);
    return isCut ? 'trips' : 'free';
  };
}

function tie(socket: Socket, other: Socket, sockets: Set<Socket>): void {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => other.destroy());
}
