/**
 * Starts what `collect` receives with: on the socket that systemd passed, or else on one that it makes as the settings say.
 *
 * Problems: configuration-error, socket-in-use, socket-path-invalid, socket-not-created, socket-removed, inherited-socket-unusable, native-library-unavailable.
 */
import { collectorReady, receiveQueueShort, socketInherited, socketOutOfSight } from '#events/collect-events.ts';
import { openDatagramSocket } from '#adapters/datagram/datagram-socket.ts';
import type { DatagramSocket } from '#adapters/datagram/datagram-socket.ts';
import { adoptDatagramSocket } from '#adapters/datagram/inherited-socket.ts';
import { ENOUGH_QUEUE_LENGTH, readQueueLength } from '#adapters/datagram/queue-length.ts';
import { startThreadedReceiver } from '#adapters/datagram/threaded-receiver.ts';
import { inheritedDescriptor } from '#adapters/systemd/inherited-descriptor.ts';
import type { Log } from '#events/event.ts';
import type { Receiver } from '#pipeline/collect/receiver.ts';
import type { ServiceManager } from '#pipeline/collect/service-manager.ts';
import { groupIdOf, userIdOf } from '#support/account.ts';
import { loadLibc } from '#support/libc.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import type { HttpOpener, StartedReceiver } from './http-receiver.ts';

/** In place of a path. */
export const NO_SOCKET = 'none';

/** Looks up whose the socket is to be, before anything is made. Returns what opens it; undefined where there is to be none. */
export function socketOpener({ environment, settings, log }: Invocation): (() => DatagramSocket) | undefined {
  const { socket: path, socketMode: mode, socketUser, socketGroup } = settings;
  const descriptor = inheritedDescriptor(environment, process.pid);
  if (descriptor !== undefined)
    return () => {
      const socket = adoptDatagramSocket(descriptor, loadLibc());
      log(socketInherited(socket.name, path));
      if (socket.isOutOfSight) log(socketOutOfSight(socket.name));
      return socket;
    };
  if (path === NO_SOCKET) {
    if (settings.http.length > 0) return undefined;
    throw configurationError('collect.socket is none, and collect.http has no address: nothing can be received.');
  }
  const userId = idOf(socketUser, userIdOf, 'user');
  const groupId = idOf(socketGroup, groupIdOf, 'group');
  return () => openDatagramSocket({ path, mode, userId, groupId });
}

interface Surroundings {
  readonly log: Log;
  readonly serviceManager: ServiceManager;
  readonly stopping: AbortSignal;
}

/** HTTP first: the service manager is told that all is ready once MTAs find the socket. */
export async function startReceivers(
  openSocket: (() => DatagramSocket) | undefined,
  http: HttpOpener | undefined,
  surroundings: Surroundings,
): Promise<Receiver[]> {
  const { serviceManager, stopping } = surroundings;
  const posted = http ? [await http.start(stopping)] : [];
  const sent = openSocket ? [await startSocketReceiver(openSocket, surroundings)] : [];
  const started = [...sent, ...posted];
  if (!stopping.aborted) serviceManager.ready(`Receiving on ${started.flatMap(({ names }) => names).join(', ')}`);
  return started.map(({ receiver }) => receiver);
}

/** MTAs find the socket only once something drains it. */
async function startSocketReceiver(
  openSocket: () => DatagramSocket,
  { log, stopping }: Surroundings,
): Promise<StartedReceiver> {
  warnOfShortQueue(log);
  const socket = openSocket();
  const receiver = await startOn(socket);
  if (stopping.aborted) {
    socket.unlink();
    return { receiver, names: [socket.name] };
  }
  const unlink = (): void => {
    socket.unlink();
  };
  stopping.addEventListener('abort', unlink);
  process.prependOnceListener('exit', unlink); // however it ends: a socket without a receiver swallows what is sent to it
  socket.publish();
  log(collectorReady(socket.name));
  return { receiver, names: [socket.name] };
}

async function startOn(socket: DatagramSocket): Promise<Receiver> {
  try {
    return await startThreadedReceiver(socket.fd, () => socket.whyUnreachable());
  } catch (error) {
    socket.unlink();
    throw error;
  }
}

/** An inherited socket was made with the limit of that time; what holds now is the best that is known. */
function warnOfShortQueue(log: Log): void {
  const length = readQueueLength();
  if (length !== undefined && length < ENOUGH_QUEUE_LENGTH) log(receiveQueueShort(length, ENOUGH_QUEUE_LENGTH));
}

function idOf(
  name: string | undefined,
  lookUp: (name: string) => number | undefined,
  kind: string,
): number | undefined {
  if (name === undefined) return undefined;
  const id = lookUp(name);
  if (id === undefined)
    throw configurationError(
      `There is no ${kind} ${name} for the socket. Make it, or set collect.socket_${kind} to another.`,
    );
  return id;
}
