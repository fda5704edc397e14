/**
 * The state directory: where each file is, and whose it is.
 *
 * Its identity is random and made once. Every day file carries it, so the same day reached by two ways can be recognised. A directory that was
 * copied to another machine gets another one there.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import { ensureDirectory, replaceFile } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { parseJournalName } from './durable/journal-files.ts';
import { readIdentity } from './identity-file.ts';
import { createLine, readLine } from './kept-line.ts';
import { MACHINE_MARK, machineMark } from './machine-mark.ts';
import { parsePieceName } from './sessions/piece-names.ts';
import type { PieceState } from './sessions/piece-names.ts';
import { isSourceFolder } from './fetched/source-folder.ts';
import {
  damagedProblem,
  reading,
  readProblem,
  StoreProblem,
  unlessRefused,
  writeProblem,
  writing,
} from './store-problem.ts';

const HALF_BUILT = /^\.(identity|bounce-key)\.[0-9a-f-]{36}$/;
const BOUNCE_KEY = /^[0-9a-f]{64}$/;

export interface IdentityChange {
  readonly from: string;
  readonly to: string;
}

export class StateDirectory {
  readonly path: string;
  readonly disk: Disk;

  constructor(path: string, disk = systemDisk) {
    this.path = path;
    this.disk = disk;
  }

  get quarantine(): string {
    return join(this.path, 'quarantine');
  }

  get fetched(): string {
    return join(this.path, 'fetched');
  }

  get destinationsStem(): string {
    return join(this.path, 'destinations');
  }

  get hostCountsStem(): string {
    return join(this.path, 'host-counts');
  }

  get sessions(): string {
    return join(this.path, 'sessions');
  }

  sessionStem(day: UtcDay): string {
    return join(this.sessions, day);
  }

  protected get outboxFolder(): string {
    return 'outbox';
  }

  outboxStem(day: UtcDay): string {
    return join(this.path, this.outboxFolder, day);
  }

  fetchedStem(source: string, day: UtcDay): string {
    return join(this.path, 'fetched', source, day);
  }

  /** What there was so far of a day that its source had not closed. The complete file, once there, takes its place. */
  partialFetchedStem(source: string, day: UtcDay): string {
    return join(this.path, 'fetched', source, `${day}.partial`);
  }

  /** How fetch fared with each source on that day. */
  fetchResultsFile(day: UtcDay): string {
    return join(this.#fetchResults, `${day}.json`);
  }

  inboundStem(day: UtcDay): string {
    return join(this.path, 'inbound', day);
  }

  /** For reports of which it is not known what day they are about. */
  receivedInboundStem(day: UtcDay): string {
    return join(this.path, 'inbound', `${day}.received`);
  }

  /** For how long each day of others' reports has been over. */
  get inboundAgesFile(): string {
    return join(this.path, 'inbound', 'day-ages.json');
  }

  /** Which source had which identity first. */
  get identityOrderFile(): string {
    return join(this.fetched, '.identities.json');
  }

  /** Held by the collector for as long as it runs. */
  get collectorLock(): string {
    return join(this.path, 'collector.lock');
  }

  /** When report and send last ran. */
  get runsFile(): string {
    return join(this.path, 'runs.json');
  }

  /** What the operator was told of what others reported, and is still to be told. */
  get noticesFile(): string {
    return join(this.path, 'notices.json');
  }

  /** What is going on, as `watch` knows, and what it is still to tell. */
  get watchFile(): string {
    return join(this.path, 'watch.json');
  }

  /** Has a name only while it is opened. */
  scratchFile(name: string): string {
    return join(this.path, `.scratch-${name}.tmp`);
  }

  /** Which days were reported. */
  get reportedDaysFile(): string {
    return join(this.path, 'reported-days.json');
  }

  /** For how long each day has been over. */
  get dayAgesFile(): string {
    return join(this.path, 'day-ages.json');
  }

  /** False while nothing has been written to it. Throws a StoreProblem when nobody may look. */
  get exists(): boolean {
    return reading(this.path, () => this.disk.status(this.path)?.isDirectory === true);
  }

  /** When its identity was made; undefined when it has none yet. */
  get madeMs(): number | undefined {
    return this.disk.status(this.#identityFile)?.modifiedMs;
  }

  /** Each folder with days of sessions, those that were fetched among them. */
  get sessionFolders(): string[] {
    return [this.sessions, ...this.fetchedSources().map((source) => join(this.fetched, source))];
  }

  /** Days of which there is a snapshot or a journal, also one of 0.1, or what was moved here. */
  sessionDays(): UtcDay[] {
    const names = this.#names('sessions');
    return inOrder([...daysOf(names), ...names.map((name) => parsePieceName(name)?.day ?? '')]);
  }

  /** Days of which something that was moved here is not in the snapshot, or not noted as such. */
  daysWithPieces(): UtcDay[] {
    return this.#daysOfPieces((state) => state !== 'counted');
  }

  /** Days that something that was moved here came into, as the names say; whether their snapshots know of it is to be looked at. */
  daysWithCountedPieces(): UtcDay[] {
    return this.#daysOfPieces((state) => state === 'counted');
  }

  #daysOfPieces(isMeant: (state: PieceState) => boolean): UtcDay[] {
    const pieces = this.#names('sessions').map(parsePieceName);
    return inOrder(pieces.map((piece) => (piece && isMeant(piece.state) ? piece.day : '')));
  }

  /** Days with a journal: today, and those whose collector was not running at midnight. */
  unfinishedSessionDays(): UtcDay[] {
    return daysOf(this.#names('sessions').filter((name) => parseJournalName(name) !== undefined));
  }

  outboxDays(): UtcDay[] {
    return daysOf(this.#names(this.outboxFolder));
  }

  inboundDays(): UtcDay[] {
    return daysOf(this.#names('inbound'));
  }

  /** On which reports came of which it is not known what day they are about. */
  receivedInboundDays(): UtcDay[] {
    const [received, suffix] = [/\.received(?=\.)/, '.received.'];
    const names = this.#names('inbound').filter((name) => name.includes(suffix));
    return daysOf(names.map((name) => name.replace(received, '')));
  }

  /** The names under which other hosts' days are kept. What else is there, or cannot be looked into, is passed over. */
  fetchedSources(): string[] {
    return this.#names('fetched')
      .filter((name) => isSourceFolder(name) && this.#trouble(name) === undefined)
      .sort();
  }

  /** Why folders that may hold other hosts' days, or what is noted of them, cannot be looked into. */
  fetchedTroubles(): StoreProblem[] {
    const folders = this.#names('fetched').filter(isSourceFolder).sort();
    return [...folders.map((name) => this.#trouble(name)), this.#resultsTrouble()].filter(
      (trouble) => trouble instanceof StoreProblem,
    );
  }

  /** Days for which fetch has run; none where its notes cannot be looked into. */
  fetchResultDays(): UtcDay[] {
    return daysWithSuffix(unlessRefused(() => this.#names('fetched', '.results')) ?? [], '.json');
  }

  fetchedDays(source: string): UtcDay[] {
    return daysWithSuffix(this.#names('fetched', source), '.sqlite');
  }

  get #fetchResults(): string {
    return join(this.fetched, '.results');
  }

  /** What keeps something under fetched/ from being a folder with days of a source; undefined when nothing does. */
  #trouble(source: string): StoreProblem | 'no folder' | undefined {
    const path = join(this.fetched, source);
    try {
      if (this.disk.status(path)?.isDirectory !== true) return 'no folder';
      this.disk.list(path);
      return undefined;
    } catch (error) {
      return readProblem(path, error);
    }
  }

  #resultsTrouble(): StoreProblem | undefined {
    try {
      this.#names('fetched', '.results');
      return undefined;
    } catch (error) {
      if (error instanceof StoreProblem) return error;
      throw error;
    }
  }

  /** What is in a folder; names that begin with a dot are not ours to look at. */
  #names(...folder: string[]): string[] {
    const path = join(this.path, ...folder);
    try {
      return this.disk.list(path).filter((name) => !name.startsWith('.'));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw readProblem(path, error);
    }
  }

  /**
   * Gives a directory that was copied here from another machine an identity of its own, and notes which machine this is. For its collector,
   * before it begins: days that were begun keep the identity that they have. Undefined when all is as it was.
   */
  settleOnMachine(): IdentityChange | undefined {
    const mark = machineMark(this.disk);
    const machine = join(this.path, 'machine');
    const noted = readLine(this.disk, machine);
    if (mark === undefined || noted === mark) return undefined;
    const from = noted !== undefined && MACHINE_MARK.test(noted) ? this.identity() : undefined;
    const to = from === undefined ? undefined : randomUUID();
    return writing(machine, () => {
      ensureDirectory(this.path, this.disk);
      // The identity first: a crash in between changes it once more, and nobody has used it.
      if (to !== undefined) replaceFile(this.#identityFile, Buffer.from(`${to}\n`), this.disk);
      replaceFile(machine, Buffer.from(`${mark}\n`), this.disk);
      return from === undefined || to === undefined ? undefined : { from, to };
    });
  }

  /** What was to become the identity, or the key, when a crash came; none of what is not there yet, as somebody may be at it. */
  halfBuiltLines(): string[] {
    const names = unlessRefused(() => this.disk.list(this.path)) ?? [];
    const isOver = (name: string): boolean => names.includes(HALF_BUILT.exec(name)?.[1] ?? '');
    return names.filter(isOver).map((name) => join(this.path, name));
  }

  /** Makes the directory and its identity when they are not there yet. */
  identity(): string {
    const file = this.#identityFile;
    try {
      ensureDirectory(this.path, this.disk);
      return readIdentity(this.disk, file) ?? createLine(this.disk, file, randomUUID());
    } catch (error) {
      throw writeProblem(file, error);
    }
  }

  /** Why the identity cannot be used, so that nothing is stored or reported; undefined when it can, and when there is none yet. */
  identityTrouble(): StoreProblem | undefined {
    try {
      readIdentity(this.disk, this.#identityFile);
      return undefined;
    } catch (error) {
      if (error instanceof StoreProblem) return error;
      throw error;
    }
  }

  /** What the names of deliveries in envelopes are made with: 32 bytes, random, for nobody else. Made when it is not there yet. */
  bounceKey(): Buffer {
    const file = join(this.path, 'bounce-key');
    try {
      ensureDirectory(this.path, this.disk);
      return this.knownBounceKey() ?? Buffer.from(createLine(this.disk, file, randomBytes(32).toString('hex')), 'hex');
    } catch (error) {
      throw writeProblem(file, error);
    }
  }

  /** Undefined while there is none. */
  knownBounceKey(): Buffer | undefined {
    const file = join(this.path, 'bounce-key');
    const line = readLine(this.disk, file);
    if (line === undefined || BOUNCE_KEY.test(line)) return line === undefined ? undefined : Buffer.from(line, 'hex');
    throw damagedProblem(
      file,
      'it is not what was made; without it, bounces of what was sent before are not recognised by their address',
    );
  }

  get #identityFile(): string {
    return join(this.path, 'identity');
  }
}

/** In order, each once. */
function daysOf(names: readonly string[]): UtcDay[] {
  const stems = names.map((name) => parseJournalName(name)?.stem ?? /^(.*)\.(?:sqlite|journal)$/.exec(name)?.[1] ?? '');
  return inOrder(stems);
}

function inOrder(stems: readonly string[]): UtcDay[] {
  const days = stems.map(parseUtcDay).filter((day) => day !== undefined);
  return [...new Set(days)].sort();
}

function daysWithSuffix(names: readonly string[], suffix: string): UtcDay[] {
  return inOrder(names.map((name) => (name.endsWith(suffix) ? name.slice(0, -suffix.length) : '')));
}
