/**
 * What a subcommand is: its name and flags for the parser and for help, and what it does.
 */
import type { Supervisor } from '#adapters/process/supervisor.ts';
import type { Log } from '#events/event.ts';
import type { SettingName, Settings } from '#config/settings.ts';
import type { Clock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import type { Paint } from '#cli/output/paint.ts';
import type { ExitCode } from './exit-code.ts';

/** A flag that belongs to one run and is no setting. */
export interface Flag {
  readonly name: string;
  /** What stands for the value in help; undefined for a switch. */
  readonly argument?: string;
  readonly isList?: boolean;
  readonly help: string;
}

/** Flags that would be ignored without another one, or beside it: a run that has them is refused. */
export interface Pairing {
  readonly flags: readonly string[];
  readonly onlyWith?: string;
  readonly notWith?: string;
}

export interface Command {
  readonly name: string;
  /** What goes with the name in each way to call it, as help shows it; by default nothing but flags. */
  readonly usages?: readonly string[];
  /** How many words it takes that are no flags; by default none. */
  readonly mostWords?: number;
  readonly summary: string;
  /** Words behind `tlsrpt`, and what they do. */
  readonly examples: readonly (readonly [words: string, what: string])[];
  readonly flags: readonly Flag[];
  readonly settings: readonly SettingName[];
  readonly pairings?: readonly Pairing[];
  /** True when it runs on and its log is where people look for news; otherwise it is silent unless something is wrong. */
  readonly isDaemon?: (given: GivenFlags) => boolean;
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
  /** In place of `run` where the settings cannot be used, for a command that has something to do all the same; others end with the problem. */
  readonly runWithoutSettings?: (
    problem: Problem,
    invocation: Omit<Invocation, 'settings'>,
  ) => ExitCode | Promise<ExitCode>;
}

export interface Invocation {
  readonly settings: Settings;
  readonly given: GivenFlags;
  readonly positionals: readonly string[];
  readonly log: Log;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
  /** Resolves when little of what was printed is left to be taken: for who prints much, and can wait. */
  readonly printed: () => Promise<void>;
  /** Colours what is printed, where that is wanted. */
  readonly paint: Paint;
  /** Where progress can be shown; undefined when nobody looks on. */
  readonly terminal: NodeJS.WritableStream | undefined;
  /** How many lines are seen at once of what is printed; undefined when that is no terminal. */
  readonly screenRows?: (() => number) | undefined;
  /** The `run` that this process is a part of. */
  readonly supervisor?: Supervisor | undefined;
}

/** The flags of one run, by name. */
export class GivenFlags {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values[name] === true;
  }

  /** As the parser made it of what was typed; undefined for a flag that was not given. */
  value(name: string): unknown {
    return this.#values[name];
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    if (Array.isArray(value)) throw usageError(`--${name} is given more than once.`);
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): string[] {
    const value = this.#values[name];
    return (Array.isArray(value) ? value : [value]).filter((element) => typeof element === 'string');
  }
}

export function usageError(message: string, details: readonly string[] = []): Problem {
  return new Problem('usage-error', message, { details });
}

export function configurationError(message: string, details: readonly string[] = []): Problem {
  return new Problem('configuration-error', message, { details });
}
