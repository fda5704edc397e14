/**
 * The port by which read gets what may hold reports: a file, a mail of a mailbox, standard input.
 */
export interface InboundSource {
  /** As it is shown: the path, or `-`. */
  readonly name: string;
  /** True for one that was asked for by its name: it should hold a report. Others were found in a directory. */
  readonly isNamed: boolean;
  /** As whoever has it says, before anything of it is read; it may be wrong. */
  readonly sizeBytes?: number | undefined;
  /** May be asked for once. Rejects with the error of the system. */
  bytes(): AsyncIterable<Uint8Array>;
}
