/**
 * Where the thread begins that serves HTTP. Everything that strangers can make costly, TLS and JSON above all, is done here, so the main thread
 * is kept for journaling what came.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import { Credentials, readCredentials } from './credentials.ts';
import { Handovers } from './handovers.ts';
import type { FromHttp, HttpSecrets, HttpThreadData, ToHttp } from './http-messages.ts';
import { NewsTeller } from './http-news.ts';
import { memoryOf, packSessions } from './packed-sessions.ts';
import { SessionServer } from './session-server.ts';
import type { ServerSecrets } from './session-server.ts';

async function run({ addresses, secrets }: HttpThreadData): Promise<void> {
  const handovers = new Handovers((request, sessions) => {
    const packed = packSessions(sessions);
    send({ kind: 'posted', request, arrivedMs: systemClock.nowMs(), sessions: packed }, memoryOf(packed));
  });
  const server = new SessionServer({
    addresses,
    secrets: serverSecrets(secrets),
    handOver: (sessions) => handovers.handOver(sessions),
    isFull: () => handovers.isFull,
    news: new NewsTeller((news) => {
      send({ kind: 'news', news });
    }),
  });
  parentPort?.on('message', (message: ToHttp) => {
    if (message.kind === 'journaled') handovers.noteJournaled(message.requests);
    else if (message.kind === 'renew') server.renew(serverSecrets(message.secrets));
    else if (message.kind === 'stop')
      void server.stop().then(() => {
        send({ kind: 'stopped' });
      });
    else
      void server.finish().then(() => {
        send({ kind: 'finished' });
      });
  });
  await listen(server);
}

async function listen(server: SessionServer): Promise<void> {
  try {
    send({ kind: 'listening', addresses: await server.listen() });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    send({ kind: 'failed', code: error.code, message: error.message });
  }
}

/** What is wrong with the content is found by whoever sends it. */
function serverSecrets({ identity, credentials: content }: HttpSecrets): ServerSecrets {
  if (content === undefined) return { identity, credentials: undefined };
  const reading = readCredentials(content);
  return { identity, credentials: reading.kind === 'credentials' ? reading.credentials : new Credentials([]) };
}

function send(message: FromHttp, memory: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, memory);
}

void run(workerData as HttpThreadData);
