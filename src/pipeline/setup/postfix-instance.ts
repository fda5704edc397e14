/**
 * One instance of Postfix, as far as TLSRPT depends on it. An adapter fills it in; nothing here is a default.
 */
export interface PostfixInstance {
  /** Where its main.cf is; names the instance wherever it is spoken of. */
  readonly configDirectory: string;
  /** Where that really is, when it is a symbolic link. */
  readonly mainCf: string;
  /** Such as `3.10.13`. */
  readonly version: string;
  readonly queueDirectory: string;
  /** The user as which smtp(8) runs. */
  readonly user: string;
  /** Parameters as they are in force, with `$name` expanded; one that this Postfix does not know is missing. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Parameters as main.cf has them, word for word; what it does not set is missing. */
  readonly written: Readonly<Record<string, string>>;
  readonly clients: readonly SmtpClient[];
  /** Of the service that asks the maps of type `proxy`. */
  readonly isProxymapChrooted: boolean;
}

/** A service of master.cf that is run by smtp(8). */
export interface SmtpClient {
  /** Such as `smtp/unix`. */
  readonly service: string;
  readonly isChrooted: boolean;
  /** What master.cf sets for this service alone (`-o`). */
  readonly overrides: Readonly<Record<string, string>>;
}
