/**
 * A TLS policy server as Postfix asks it with smtp_tls_policy_maps = socketmap:...:QUERYwithTLSRPT: one request and one answer, each a
 * netstring (socketmap_table(5)).
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { hostOf, receivers } from './receivers.ts';

export const POLICY_PORT = 8461;

export async function servePolicies(): Promise<void> {
  const server = createServer(answerEach).listen(POLICY_PORT, '127.0.0.1');
  await once(server, 'listening');
}

function answerEach(socket: Socket): void {
  let pending = '';
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  socket.on('data', (text) => {
    pending += String(text);
    for (let request = firstOf(pending); request !== undefined; request = firstOf(pending)) {
      pending = pending.slice(request.length);
      const [, domain = ''] = request.slice(request.indexOf(':') + 1, -1).split(' ');
      const answer = policyFor(domain);
      socket.write(`${String(answer.length)}:${answer},`);
    }
  });
}

/** A whole netstring from the beginning; undefined while it has not come. */
function firstOf(text: string): string | undefined {
  const [, length] = /^(\d+):/.exec(text) ?? [];
  if (length === undefined) return undefined;
  const end = length.length + 1 + Number(length) + 1;
  return text.length < end ? undefined : text.slice(0, end);
}

function policyFor(domain: string): string {
  const receiver = receivers.find((candidate) => candidate.domain === domain);
  if (receiver?.policy === undefined) return 'NOTFOUND ';
  return `OK ${receiver.policy.replaceAll('MX', hostOf(receiver)).replaceAll('DOMAIN', domain)}`;
}
