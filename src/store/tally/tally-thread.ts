/**
 * The thread that adds up what the collector journals: what it is told to do comes as messages, and news go back as messages.
 *
 * It gives way to everything else that runs: what waits for it is in the journals.
 */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#support/clock.ts';
import { systemDisk } from '#support/disk.ts';
import { loadSqlite } from '../durable/sqlite.ts';
import { Quarantine } from '../quarantine.ts';
import { StateDirectory } from '../state-directory.ts';
import { DayTalliers } from './day-talliers.ts';
import type { TallyNews } from './day-talliers.ts';
import type { FromTally, TallyThreadData, ToTally } from './tally-messages.ts';

/** News are passed on in bundles, and soon. */
const MOST_NEWS = 1_000;
const NEWS_MS = 50;

class TallyThread {
  readonly #talliers: DayTalliers;
  readonly #inbox: ToTally[] = [];
  #news: TallyNews[] = [];
  #sentMs = 0;
  #isAskedToSettle = false;
  #isAwake = false;

  constructor(talliers: (tell: (news: TallyNews) => void) => DayTalliers) {
    this.#talliers = talliers((news) => {
      this.#news.push(news);
      if (this.#news.length >= MOST_NEWS) this.#sendNews();
    });
  }

  take(message: ToTally): void {
    this.#inbox.push(message);
    this.#wake();
  }

  #wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    setImmediate(() => {
      this.#turn();
    });
  }

  /** One bounded step, so that messages have their turn. */
  #turn(): void {
    this.#isAwake = false;
    for (const message of this.#inbox.splice(0)) this.#follow(message);
    const isWorking = this.#talliers.step();
    if (systemClock.steadyMs() - this.#sentMs >= NEWS_MS) this.#sendNews();
    if (isWorking || this.#inbox.length > 0) {
      this.#wake();
      return;
    }
    this.#sendNews();
    if (this.#isAskedToSettle) send({ kind: 'settled' });
    this.#isAskedToSettle = false;
    this.#wakeForRetry();
  }

  #wakeForRetry(): void {
    const { retryInMs } = this.#talliers;
    if (retryInMs === undefined) return;
    setTimeout(() => {
      this.#wake();
    }, retryInMs).unref();
  }

  #follow(message: ToTally): void {
    switch (message.kind) {
      case 'announce':
        this.#talliers.announce(message.day, message.journal);
        break;
      case 'end':
        this.#talliers.end(message.day, message.isLocked);
        break;
      case 'settle':
        this.#isAskedToSettle = true;
        break;
      case 'stop':
        this.#talliers.close();
        this.#sendNews();
        send({ kind: 'stopped' });
    }
  }

  #sendNews(): void {
    if (this.#news.length > 0) send({ kind: 'news', news: this.#news });
    this.#news = [];
    this.#sentMs = systemClock.steadyMs();
  }
}

function send(message: FromTally): void {
  parentPort?.postMessage(message);
}

/** On Linux this is the priority of the calling thread alone. */
function giveWay(): void {
  try {
    setPriority(0, constants.priority.PRIORITY_LOW);
  } catch {
    // Without it everything works, only not as well under load.
  }
}

/** SQLite is loaded while the first messages come, which wait. */
async function run({ stateDirectory }: TallyThreadData): Promise<void> {
  giveWay();
  const early: ToTally[] = [];
  const keep = (message: ToTally): void => {
    early.push(message);
  };
  parentPort?.on('message', keep);
  const sqlite = await loadSqlite();
  const state = new StateDirectory(stateDirectory);
  const quarantine = new Quarantine(state.quarantine);
  const thread = new TallyThread(
    (tell) =>
      new DayTalliers({
        sqlite,
        disk: systemDisk,
        stemOf: (day) => state.sessionStem(day),
        quarantine,
        tell,
        clock: systemClock,
      }),
  );
  parentPort?.off('message', keep);
  parentPort?.on('message', (message: ToTally) => {
    thread.take(message);
  });
  early.forEach((message) => {
    thread.take(message);
  });
}

void run(workerData as TallyThreadData);
