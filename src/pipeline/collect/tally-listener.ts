/**
 * Hears what became of what was journaled: tells receivers and the log.
 */
import {
  checkpointFailed,
  damagedDaySetAside,
  datagramOfOtherVersion,
  datagramUnreadable,
  dayClosed,
  journalDamaged,
  journalTorn,
  movedLeftOut,
  tallyRecovered,
} from '#events/collect-events.ts';
import type { Log } from '#events/event.ts';
import type { TallyNews } from '#store/tally/day-talliers.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { CollectFigures } from './collect-figures.ts';
import type { CollectorNotice } from './collector-notice.ts';
import type { Complaints } from './complaints.ts';
import type { OpenDay } from './open-day.ts';

export interface TallyListenerOptions {
  readonly log: Log;
  readonly figures: CollectFigures;
  readonly complaints: Complaints;
  readonly notice: Pick<
    CollectorNotice,
    'noteOtherVersion' | 'noteDatagrams' | 'noteTallyTrouble' | 'forgetTallyTrouble'
  >;
  /** Undefined for a day that the collector has not open. */
  readonly dayOf: (day: UtcDay) => OpenDay | undefined;
  readonly closed: (day: UtcDay) => void;
}

export class TallyListener {
  readonly #options: TallyListenerOptions;

  constructor(options: TallyListenerOptions) {
    this.#options = options;
  }

  hear(news: TallyNews): void {
    const { log, figures, complaints, notice, dayOf } = this.#options;
    switch (news.kind) {
      case 'rejected':
        dayOf(news.day)?.noteRejected(news.frame, news.number, news.reason);
        complaints.about(`rejected-${news.reason}`, () => datagramUnreadable(news.reason, news.keptAs));
        break;
      case 'tallied':
        this.#countTallied(news);
        break;
      case 'checkpointed':
        figures.checkpoints += 1;
        break;
      case 'trouble':
        notice.noteTallyTrouble(news.day, news);
        complaints.about(`trouble-${news.day}`, () => checkpointFailed(news.day, news.code, news.message));
        break;
      case 'trouble-over':
        notice.forgetTallyTrouble(news.day);
        complaints.forget(`trouble-${news.day}`);
        log(tallyRecovered(news.day));
        break;
      case 'set-aside':
        log(damagedDaySetAside(news.day, news));
        break;
      case 'damaged':
        complaints.about(`damaged-${news.day}`, () => journalDamaged(news.day, news.why));
        break;
      case 'moved-left-out':
        log(movedLeftOut(news.day, news));
        break;
      case 'torn':
        log(journalTorn(news.day, news.bytes));
        break;
      case 'closed':
        this.#noteClosed(news);
    }
  }

  #noteClosed({ day, wasClosed }: Extract<TallyNews, { kind: 'closed' }>): void {
    const { log, notice, closed } = this.#options;
    notice.forgetTallyTrouble(day);
    closed(day);
    if (!wasClosed) log(dayClosed(day));
  }

  /** What an earlier run journaled is not this run's work. */
  #countTallied({ day, frame, ...counts }: Extract<TallyNews, { kind: 'tallied' }>): void {
    const { figures, complaints, notice, dayOf } = this.#options;
    if (dayOf(day)?.noteTallied(frame) !== true) return;
    const { datagrams, rejected, recognised, otherVersions } = counts;
    if (datagrams > 0) notice.noteDatagrams();
    if (otherVersions > 0) {
      complaints.about('other-version', datagramOfOtherVersion);
      notice.noteOtherVersion();
    }
    figures.tallied += datagrams;
    figures.rejected += rejected;
    figures.recognised += recognised;
  }
}
