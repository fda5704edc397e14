/**
 * How many connections there may be. When there is no room, a new one takes the place of the one that has been idle for longest, so that whoever
 * opens many keeps nobody else out.
 */
import type { Socket } from 'node:net';

const MOST_CONNECTIONS = 1_024;

export class ConnectionRoom {
  readonly #most: number;
  /** By address and port: a TLS connection is another object than the one under it. Oldest first. */
  readonly #idle = new Map<string, Socket>();
  readonly #all = new Set<Socket>();

  constructor(most = MOST_CONNECTIONS) {
    this.#most = most;
  }

  admit(socket: Socket): void {
    if (this.#all.size >= this.#most && !this.#endOldest()) {
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    this.#all.add(socket);
    this.#idle.set(name, socket);
    socket.on('error', () => undefined); // how a connection ends is nobody's trouble
    socket.once('close', () => {
      this.#all.delete(socket);
      if (this.#idle.get(name) === socket) this.#idle.delete(name);
    });
  }

  /** Its connection stays while `work` goes on. */
  async keep(socket: Socket, work: () => Promise<void>): Promise<void> {
    const name = nameOf(socket);
    const raw = this.#idle.get(name);
    this.#idle.delete(name);
    try {
      await work();
    } finally {
      if (raw && this.#all.has(raw)) this.#idle.set(name, raw);
    }
  }

  endAll(): void {
    for (const socket of this.#all) socket.destroy();
  }

  #endOldest(): boolean {
    const [oldest] = this.#idle;
    if (!oldest) return false;
    const [name, socket] = oldest;
    this.#idle.delete(name);
    this.#all.delete(socket);
    socket.destroy();
    return true;
  }
}

function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress ?? ''} ${String(remotePort)} ${String(localPort)}`;
}
