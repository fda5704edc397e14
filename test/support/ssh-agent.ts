/**
 * An SSH agent that holds one key, made of the ssh2 package.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';

export async function startAgent(path: string, privateKey: string): Promise<{ stop(): Promise<void> }> {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket, key);
  }).listen(path);
  await once(server, 'listening');
  return {
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(socket: Socket, key: ParsedKey): void {
  const agent = new ssh2.AgentProtocol(false);
  agent.on('identities', (request) => {
    agent.getIdentitiesReply(request, [key]);
  });
  agent.on('sign', (request, _, content) => {
    agent.signReply(request, key.sign(content));
  });
  socket.pipe(agent).pipe(socket);
}
