/**
 * A mail server on 127.0.0.1 that takes every mail, but for the steps at which a test says what it does instead.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What it answers: the connection, a command, or the end of a mail. */
export type Step = 'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'RSET' | 'dot';

export interface ScriptedRelay {
  readonly port: number;
  /** The recipients of the mails that it took. */
  readonly mails: readonly string[];
  /** How many connections were made so far. */
  readonly connections: () => number;
  close(): Promise<void>;
}

type Script = Partial<Record<Step, (socket: Socket, openConnections: number) => void>>;

const USUAL: Readonly<Record<Step, string>> = {
  greeting: '220 relay.example',
  EHLO: '250 relay.example',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  RSET: '250 ok',
  dot: '250 queued',
};

export async function startScriptedRelay(script: Script): Promise<ScriptedRelay> {
  const sockets = new Set<Socket>();
  const mails: string[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const answer = (step: Step): void => {
      const act = script[step];
      if (act) act(socket, sockets.size);
      else socket.write(`${USUAL[step]}\r\n`);
    };
    converse(socket, answer, mails);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function converse(socket: Socket, answer: (step: Step) => void, mails: string[]): void {
  let recipient = '';
  let isInMail = false;
  answer('greeting');
  createInterface({ input: socket }).on('line', (line) => {
    if (isInMail && line !== '.') return;
    const step = isInMail ? 'dot' : stepOf(line);
    isInMail = step === 'DATA';
    if (step === 'RCPT') recipient = /<(.*)>/.exec(line)?.[1] ?? '';
    if (step === 'dot') mails.push(recipient);
    if (step === undefined) socket.end('221 bye\r\n');
    else answer(step);
  });
}

/** Undefined for QUIT. */
function stepOf(line: string): Step | undefined {
  return (['EHLO', 'MAIL', 'RCPT', 'DATA', 'RSET'] as const).find((step) => line.startsWith(step));
}

/** A byte now and then, and never the end of a reply. */
export function trickle(socket: Socket): void {
  const timer = setInterval(() => socket.write('2'), 50);
  socket.on('close', () => {
    clearInterval(timer);
  });
}
