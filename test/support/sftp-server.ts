/**
 * An SFTP server of the tests. It serves the files of this machine under their absolute paths, to one user with one key, on a port of
 * 127.0.0.1.
 */

export interface SftpServerWish {
  /** An empty directory for keys and configuration. */
  readonly directory: string;
  readonly hostKeyTypes?: readonly HostKeyKind[];
}

export type HostKeyKind = 'ed25519' | 'rsa';

export interface SftpServer {
  readonly port: number;
  readonly user: string;
  /** The private key that lets the user in. */
  readonly identityFile: string;
  /** Type and key in base64, as in a known_hosts file, one for each wished type. */
  readonly hostKeys: readonly string[];
  /** Ends it and its connections at once, as kill -9 does; once more changes nothing. */
  kill(): Promise<void>;
}
