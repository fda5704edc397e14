/**
 * What setting up changes: places, each of which holds one text or nothing. So all of them are changed, shown and undone in the same way.
 */
import { z } from 'zod';

export const placeSchema = z.discriminatedUnion('kind', [
  /** A parameter in the main.cf of an instance of Postfix, word for word. */
  z.object({ kind: z.literal('parameter'), configDirectory: z.string(), name: z.string() }),
  /** A setting of our own in its file. */
  z.object({ kind: z.literal('setting'), file: z.string(), key: z.string() }),
  /** A directory; its text says whose it is: `tlsrpt:postfix 0750`. */
  z.object({ kind: z.literal('directory'), path: z.string() }),
  /** A file that changes another systemd unit, which is started anew for it. */
  z.object({ kind: z.literal('drop-in'), path: z.string(), unit: z.string() }),
  /** Whether a service of systemd runs; its text is `running`. */
  z.object({ kind: z.literal('service'), unit: z.string() }),
  /** A systemd unit of our own, which is started, now and at boot. */
  z.object({ kind: z.literal('unit'), path: z.string(), unit: z.string() }),
]);

export type Place = z.infer<typeof placeSchema>;

/** A place and what it is to hold. */
export interface Wanted {
  readonly place: Place;
  readonly value: string;
}

/** What a part of the plan comes to. */
export interface PlanPart {
  /** In the order in which they have to be made. */
  readonly wanted: readonly Wanted[];
  /** What is left for the administrator. */
  readonly notes: readonly string[];
}

export interface Change {
  readonly place: Place;
  /** What it holds once the change is made; null: nothing. */
  readonly value: string | null;
  /** What it held before. */
  readonly before: string | null;
}

/**
 * The port through which places are read and written. Everything it does is in effect when it returns, except what the programs of an
 * instance of Postfix read at their start: `reload` is for those.
 */
export interface Places {
  /** Null when it holds nothing. */
  read(place: Place): string | null;
  /**
   * False for a unit that is there and does not run, or is a mount that shows a directory which is gone, for a service that runs without its socket, and for a
   * drop-in that systemd has not read.
   */
  isInEffect(place: Place): boolean;
  /** To write what is there already does no harm. Returns why it cannot be done where nothing is wrong with that: a directory in use. */
  write(place: Place, value: string | null): string | undefined;
  /** Throws no-permission unless all of these can be written. */
  requireAccess(places: readonly Place[]): void;
  /** Does nothing when the instance does not run. Returns whether it does. */
  reload(configDirectory: string): boolean;
}
