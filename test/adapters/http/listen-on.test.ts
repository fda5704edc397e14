import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { listenOn } from '#adapters/http/listen-on.ts';

/** As a service fails whose unit has RestrictAddressFamilies=AF_UNIX. */
class WithoutNetwork {
  readonly server = createServer();

  constructor() {
    this.server.listen = () => {
      const error = new Error('listen EAFNOSUPPORT: address family not supported 127.0.0.1:8080');
      setImmediate(() => this.server.emit('error', Object.assign(error, { code: 'EAFNOSUPPORT' })));
      return this.server;
    };
  }
}

it('Where there is no network, the remedy is to have one, and no other address', async () => {
  const { server } = new WithoutNetwork();
  const outcome = listenOn(server, { host: '127.0.0.1', port: 8080 }, 'collect.http');
  await expect(outcome).rejects.toMatchObject({
    code: 'http-not-listening',
    message: expect.stringMatching(
      /^(?!.*Set collect\.http).*EAFNOSUPPORT.*RestrictAddressFamilies=.*docs\/http\.md/,
    ) as string,
  });
});
