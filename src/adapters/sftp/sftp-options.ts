/**
 * What a connection to another host needs to know besides where it goes.
 */
import type { CopyResult } from '#pipeline/fetch/state-source.ts';

export interface SftpOptions {
  /** The private key to log in with; otherwise those that the SSH configuration names, or those in ~/.ssh. */
  readonly identityFile?: string;
  /** The only file whose host keys count; otherwise that of the SSH configuration or of ~/.ssh, and /etc/ssh/ssh_known_hosts. */
  readonly knownHostsFile?: string;
  /** The only SSH configuration that counts; otherwise ~/.ssh/config and /etc/ssh/ssh_config. */
  readonly sshConfigFile?: string;
  /** The socket of an SSH agent; otherwise SSH_AUTH_SOCK. Empty for none. */
  readonly agentSocket?: string;
  /** Where `.ssh/` is looked for. */
  readonly home?: string;
  readonly maxBytes?: number;
  /** From the first packet until logged in. */
  readonly readyTimeoutMs?: number;
  /** How long the server may stay silent once logged in. */
  readonly silenceTimeoutMs?: number;
  /** How long to wait before a connection that broke is made again; twice as long each further time. */
  readonly reconnectDelayMs?: number;
  /** Ends the connection once it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export type SftpFailure = Extract<CopyResult, { kind: 'unreachable' | 'refused' }>;

export function refused(why: string, advice: string): SftpFailure & { kind: 'refused' } {
  return { kind: 'refused', why, advice };
}

export function unreachable(why: string): SftpFailure & { kind: 'unreachable' } {
  return { kind: 'unreachable', why };
}
