/**
 * Gives a server its secrets anew when their files have changed, as whoever renews a certificate tells nobody.
 *
 * What cannot be used is told once, as long as it stays the same, and the server goes on with what it has.
 */
import type { Log } from '#events/event.ts';
import { serverSecretsNotRenewed, serverSecretsRenewed } from '#events/serve-events.ts';
import { isDue } from '#support/is-due.ts';
import { Problem } from '#support/problem.ts';

export interface RenewalOptions<Secrets extends object> {
  /** Those that are used. */
  readonly secrets: Secrets;
  /** As the files have them now. Throws a problem where they cannot be used. */
  readonly read: () => Secrets;
  readonly use: (secrets: Secrets) => void;
  readonly log: Log;
}

const INTERVAL_MS = 10_000;

export class SecretRenewal<Secrets extends object> {
  readonly #options: RenewalOptions<Secrets>;
  #secrets: Secrets;
  #lookedMs: number;
  #told: string | undefined;

  constructor(options: RenewalOptions<Secrets>, steadyMs: number) {
    this.#options = options;
    this.#secrets = options.secrets;
    this.#lookedMs = steadyMs;
  }

  /** To be called often. */
  look(steadyMs: number): void {
    if (!isDue(this.#lookedMs, INTERVAL_MS, steadyMs)) return;
    this.#lookedMs = steadyMs;
    const renewed = renewedSecrets(this.#secrets, this.#options.read);
    if (renewed instanceof Problem) this.#tell(renewed.message);
    else this.#told = undefined;
    if (renewed && !(renewed instanceof Problem)) this.#use(renewed);
  }

  #use(secrets: Secrets): void {
    this.#secrets = secrets;
    this.#options.use(secrets);
    this.#options.log(serverSecretsRenewed());
  }

  #tell(why: string): void {
    if (why !== this.#told) this.#options.log(serverSecretsNotRenewed(why));
    this.#told = why;
  }
}

/** The new ones when they are others than `before`; the problem where they cannot be used. */
function renewedSecrets<Secrets extends object>(before: Secrets, read: () => Secrets): Secrets | Problem | undefined {
  try {
    const now = read();
    return JSON.stringify(now) === JSON.stringify(before) ? undefined : now;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
