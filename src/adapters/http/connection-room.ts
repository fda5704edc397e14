/**
 * How many connections there may be. When there is no room, a new one takes the place of another, so that whoever opens many keeps nobody else out:
 * of the one that has been idle for longest, else of the one whose request has been coming for longest. What has come as a whole keeps its place
 * until it is answered.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

interface Connection {
  readonly name: string;
  readonly socket: Socket;
  /** Requests that are not answered. */
  requests: number;
  /** Those of them that are still coming. */
  coming: number;
  /** To be called once it is closed. */
  readonly closed: Set<() => void>;
}

export class ConnectionRoom {
  readonly #most: number;
  /** By address and port: a TLS connection is another object than the one under it. */
  readonly #all = new Map<string, Connection>();
  /** Those that give way, the longest of each kind first. */
  readonly #idle = new Set<Connection>();
  readonly #coming = new Set<Connection>();

  constructor(most: number) {
    this.#most = most;
  }

  admit(socket: Socket): void {
    if (this.#all.size >= this.#most && !this.#endOldest()) {
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    const connection = { name, socket, requests: 0, coming: 0, closed: new Set<() => void>() };
    this.#all.set(name, connection);
    this.#place(connection);
    socket.on('error', () => undefined); // how a connection ends is nobody's trouble
    socket.once('close', () => {
      if (this.#all.get(name) === connection) this.#all.delete(name);
      this.#forget(connection);
      for (const tell of connection.closed) tell();
    });
  }

  /** Its connection stays while `work` goes on, from when all of the request is there. */
  async keep(request: IncomingMessage, work: () => Promise<void>): Promise<void> {
    const connection = this.#all.get(nameOf(request.socket));
    if (!connection) {
      await work();
      return;
    }
    let isComing = true;
    const noteWhole = (): void => {
      if (isComing) connection.coming -= 1;
      isComing = false;
      this.#place(connection);
    };
    connection.requests += 1;
    connection.coming += 1;
    request.once('end', noteWhole);
    this.#place(connection);
    try {
      await work();
    } finally {
      connection.requests -= 1;
      noteWhole();
    }
  }

  /** Calls once the connection is closed, which may be so already. Returns what takes that back. */
  whenClosed(socket: Socket, tell: () => void): () => void {
    const closed = this.#all.get(nameOf(socket))?.closed;
    if (closed) closed.add(tell);
    else tell();
    return () => {
      closed?.delete(tell);
    };
  }

  endAll(): void {
    for (const { socket } of this.#all.values()) socket.destroy();
  }

  #endOldest(): boolean {
    const [oldest] = this.#idle.size > 0 ? this.#idle : this.#coming;
    if (!oldest) return false;
    this.#all.delete(oldest.name);
    this.#forget(oldest);
    oldest.socket.destroy();
    return true;
  }

  /** Among those that give way when it does, as the latest. */
  #place(connection: Connection): void {
    const { name, requests, coming } = connection;
    this.#forget(connection);
    if (this.#all.get(name) !== connection) return;
    if (requests === 0) this.#idle.add(connection);
    else if (coming === requests) this.#coming.add(connection);
  }

  #forget(connection: Connection): void {
    this.#idle.delete(connection);
    this.#coming.delete(connection);
  }
}

/** Of one that is closed it is another. */
function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress ?? ''} ${String(remotePort)} ${String(localPort)}`;
}
