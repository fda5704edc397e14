/**
 * With what a sender looks at a domain, and how the one that looks here is set up.
 */
import type { MailHostVisitor } from './mail-host-visitor.ts';
import type { NameService } from './name-service.ts';
import type { PolicyFetcher } from './policy-fetcher.ts';
import type { ShellCommands } from './shell-commands.ts';

export interface SendersView {
  readonly names: NameService;
  readonly policies: PolicyFetcher;
  readonly mailHosts: MailHostVisitor;
  readonly commands: ShellCommands;
  /** Whether the name servers validate DNSSEC; undefined when that is not known. */
  readonly isValidating: boolean | undefined;
  /** Of the mail servers. */
  readonly port: number;
  readonly nowMs: number;
}
