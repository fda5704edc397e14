/**
 * Where the thread begins that serves HTTP. Everything that strangers can make costly, TLS and JSON above all, is done here, so the main thread
 * is kept for journaling what came.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#support/clock.ts';
import { Credentials, readCredentials } from './credentials.ts';
import { Handovers } from './handovers.ts';
import type { FromHttp, HttpSecrets, HttpThreadData, ToHttp } from './http-messages.ts';
import { NewsTeller } from './http-news.ts';
import { memoryOf, packSessions } from './packed-sessions.ts';
import { endAsTold, sayListening } from './serving-thread.ts';
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
    else void endAsTold(message, server, send);
  });
  await sayListening(
    () => server.listen(),
    (addresses) => ({ kind: 'listening', addresses }) as const,
    send,
  );
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
