/**
 * Gives a server its secrets anew when their files have changed, as whoever renews a certificate tells nobody.
 *
 * What cannot be used is told once, as long as it stays the same, and the server goes on with what it has.
 */
import type { ServerSecrets, WebServer } from '#adapters/http/web-server.ts';
import { serverSecretsNotRenewed, serverSecretsRenewed } from '#events/serve-events.ts';
import { isDue } from '#support/is-due.ts';
import { Problem } from '#support/problem.ts';
import type { Invocation } from '#cli/command.ts';
import { renewedSecrets } from './server-secrets.ts';

const INTERVAL_MS = 10_000;

export class SecretRenewal {
  readonly #server: Pick<WebServer, 'renew'>;
  readonly #invocation: Pick<Invocation, 'settings' | 'environment' | 'log'>;
  #secrets: ServerSecrets;
  #lookedMs: number;
  #told: string | undefined;

  constructor(
    server: Pick<WebServer, 'renew'>,
    secrets: ServerSecrets,
    invocation: Pick<Invocation, 'settings' | 'environment' | 'log'>,
    steadyMs: number,
  ) {
    this.#server = server;
    this.#secrets = secrets;
    this.#invocation = invocation;
    this.#lookedMs = steadyMs;
  }

  /** To be called often. */
  look(steadyMs: number): void {
    if (!isDue(this.#lookedMs, INTERVAL_MS, steadyMs)) return;
    this.#lookedMs = steadyMs;
    const renewed = renewedSecrets(this.#secrets, this.#invocation);
    if (renewed instanceof Problem) this.#tell(renewed.message);
    else this.#told = undefined;
    if (renewed && !(renewed instanceof Problem)) this.#use(renewed);
  }

  #use(secrets: ServerSecrets): void {
    this.#secrets = secrets;
    this.#server.renew(secrets);
    this.#invocation.log(serverSecretsRenewed());
  }

  #tell(why: string): void {
    if (why !== this.#told) this.#invocation.log(serverSecretsNotRenewed(why));
    this.#told = why;
  }
}
