/**
 * Addresses of unix sockets, as the C library takes them (struct sockaddr_un).
 */
export interface UnixAddress {
  readonly bytes: Buffer;
  readonly length: number;
}

export const AF_UNIX = 1;
export const SOCK_DGRAM = 2;
export const SOCK_CLOEXEC = 0o2000000;
/** sun_path is 108 bytes with its final zero. */
export const MAX_PATH_BYTES = 107;
export const UNIX_ADDRESS_BYTES = 2 + MAX_PATH_BYTES + 1;

/** A path, or with `@` in front a name in the abstract namespace, which begins with a zero byte and has none at its end. */
export function unixAddress(name: string): UnixAddress {
  if (Buffer.byteLength(name) > MAX_PATH_BYTES) throw new Error(`${name} is too long for a unix socket`);
  const isAbstract = name.startsWith('@');
  const bytes = Buffer.alloc(UNIX_ADDRESS_BYTES);
  bytes.writeUInt16LE(AF_UNIX, 0);
  const written = bytes.write(isAbstract ? `\0${name.slice(1)}` : name, 2);
  return { bytes, length: 2 + written + (isAbstract ? 0 : 1) };
}

/** The opposite; undefined for a socket without a name. */
export function nameOfUnixAddress(bytes: Uint8Array): string | undefined {
  const name = Buffer.from(bytes.subarray(2)).toString();
  if (name.startsWith('\0')) return `@${name.slice(1)}`;
  return name === '' ? undefined : name.replace(/\0.*$/s, '');
}
