/**
 * An HTTP proxy on loopback that notes what it is asked for, and leads every tunnel to one port of this machine.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface HttpProxy {
  readonly url: URL;
  /** `HOST:PORT` of each CONNECT. */
  readonly requested: readonly string[];
  /** What each of them says to be let through. */
  readonly authorizations: readonly (string | undefined)[];
  close(): Promise<void>;
}

export interface HttpProxyWish {
  /** Where all tunnels end. */
  readonly toPort: number;
  /** Answers instead of leading anywhere; nothing is answered when it is empty. */
  readonly refusal?: string;
  /** Whom it lets through; everybody by default. */
  readonly login?: { readonly user: string; readonly password: string };
}

const LOGIN_WANTED =
  'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n\r\n';

/** RFC 7617 2 */
function basic({ user, password }: NonNullable<HttpProxyWish['login']>): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export async function startHttpProxy({ toPort, refusal, login }: HttpProxyWish): Promise<HttpProxy> {
  const requested: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const open = new Set<Duplex | Socket>();
  const server = createServer();
  server.on('connect', ({ url = '', headers }, client: Duplex) => {
    requested.push(url);
    authorizations.push(headers['proxy-authorization']);
    open.add(client.on('error', () => undefined));
    if (refusal !== undefined) return void client.write(refusal);
    if (login && headers['proxy-authorization'] !== basic(login)) return void client.write(LOGIN_WANTED);
    const onward = connect(toPort, '127.0.0.1').on('error', () => client.destroy());
    open.add(onward);
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.pipe(client).pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: new URL(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`),
    requested,
    authorizations,
    close: async () => {
      for (const stream of open) stream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
