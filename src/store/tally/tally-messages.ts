/**
 * What the collector's main thread and the thread that tallies say to each other.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { AnnouncedJournal } from './frame-tail.ts';
import type { TallyNews } from './day-talliers.ts';

/** What the thread is started with. */
export interface TallyThreadData {
  /** Where the days are. */
  readonly stateDirectory: string;
}

export type ToTally =
  | { readonly kind: 'announce'; readonly day: UtcDay; readonly journal: AnnouncedJournal }
  | { readonly kind: 'end'; readonly day: UtcDay; readonly isLocked: boolean }
  /** To be answered once there is nothing to do. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'stop' };

export type FromTally =
  | { readonly kind: 'news'; readonly news: readonly TallyNews[] }
  | { readonly kind: 'settled' }
  | { readonly kind: 'stopped' };
