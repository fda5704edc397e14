/**
 * A socket as systemd makes one for a service: bound by this process, which holds it for as long as the test lasts.
 */
import { onTestFinished } from 'vitest';
import { loadLibc } from '#support/libc.ts';
import { AF_UNIX, SOCK_DGRAM, unixAddress } from '#support/unix-address.ts';

const SOCK_NONBLOCK = 0o4000;

export interface HeldSocket {
  readonly fd: number;
  readonly path: string;
}

export function bindAsSystemd(path: string, { isNonBlocking = false, type = SOCK_DGRAM } = {}): HeldSocket {
  const libc = loadLibc();
  const fd = libc.socket(AF_UNIX, type | (isNonBlocking ? SOCK_NONBLOCK : 0), 0);
  const { bytes, length } = unixAddress(path);
  libc.bind(fd, bytes, length);
  onTestFinished(() => {
    libc.close(fd);
  });
  return { fd, path };
}
