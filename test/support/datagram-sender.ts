/**
 * Sends datagrams to a unix socket from this process without ever waiting, as an MTA does, and knows what became of each.
 */
import { loadLibc, SystemCallError } from '#support/libc.ts';
import { loadKoffi } from '#support/native-library.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';

/** In the kernel's hands; no room in its queue; nobody receives on the socket. */
export type SendOutcome = 'sent' | 'full' | 'nobody';

const MSG_DONTWAIT = 0x40;
const SIOCOUTQ = 0x5411;
const OUTCOMES: Readonly<Record<string, SendOutcome>> = { EAGAIN: 'full', ECONNREFUSED: 'nobody', ENOENT: 'nobody' };

export class DatagramSender {
  readonly #libc = loadLibc();
  readonly #fd = this.#libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  readonly #address: ReturnType<typeof unixAddress>;
  readonly #queued = Buffer.alloc(4);
  readonly #ioctl = loadKoffi().load(null).func('int ioctl(int, unsigned long, void*)') as (
    fd: number,
    request: number,
    value: Buffer,
  ) => number;

  constructor(path: string) {
    this.#address = unixAddress(path);
  }

  send(bytes: Buffer): SendOutcome {
    const { bytes: address, length } = this.#address;
    try {
      this.#libc.sendto(this.#fd, bytes, bytes.length, MSG_DONTWAIT, address, length);
      return 'sent';
    } catch (error) {
      const outcome = error instanceof SystemCallError ? OUTCOMES[error.code] : undefined;
      if (outcome === undefined) throw error;
      return outcome;
    }
  }

  /** True when the receiver has taken all that was sent out of the kernel's queue. */
  get isAllTaken(): boolean {
    if (this.#ioctl(this.#fd, SIOCOUTQ, this.#queued) < 0) throw new Error('the kernel does not tell what is queued');
    return this.#queued.readInt32LE() === 0;
  }

  close(): void {
    this.#libc.close(this.#fd);
  }
}
