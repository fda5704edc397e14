/**
 * What the program tells its operator: typed values, turned into text only where they are written.
 *
 * Each has a stable name, which docs/operating.md explains. `facts` are for machines and may hold foreign text; whoever writes an
 * event escapes it.
 */
export const levels = ['debug', 'info', 'warning', 'error'] as const;

export type Level = (typeof levels)[number];

export type Facts = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface LogEvent {
  /** Noun and past verb: `report-delivered`. */
  readonly name: string;
  readonly level: Level;
  /** One sentence for people. */
  readonly message: string;
  readonly facts: Facts;
}

export type Log = (event: LogEvent) => void;

export function event(level: Level, name: string, message: string, facts: Facts = {}): LogEvent {
  return { level, name, message, facts };
}
