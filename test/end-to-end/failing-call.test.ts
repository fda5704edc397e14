/**
 * The faults that are put into the executable, shown on small programs: the sweeps are worth what these are worth.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FailingCall, failEachCall } from '#test/support/failing-call.ts';
import type { FailingCallWish, FailingKind } from '#test/support/failing-call.ts';
import { killAtEachMoment, killedAt } from '#test/support/kill-at-each-moment.ts';
import { preload, preloadAll } from '#test/support/preload.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const execute = promisify(execFile);

type Environment = Readonly<Record<string, string>>;

class Place {
  readonly root = scratchDirectory();
  readonly directory = join(this.root, 'state');
  readonly file = join(this.directory, 'file');

  constructor() {
    mkdirSync(this.directory);
    writeFileSync(this.file, 'content');
  }

  /** Runs a script, to which `d`, `f`, `fs` and `tell` are known, and returns what it told. */
  async run(script: string, environment: Environment = {}, begin = COMMON_JS): Promise<string[]> {
    const program = join(this.root, begin === COMMON_JS ? 'program.cjs' : 'program.mjs');
    const known = `const [d, f] = ${JSON.stringify([this.directory, this.file])};`;
    writeFileSync(program, `${begin}\n${known}\n${script}`);
    const { PATH = '' } = process.env;
    const { stdout } = await execute(process.execPath, [program], { env: { PATH, ...environment } });
    return stdout.split('\n').slice(0, -1);
  }

  fault(wish: Omit<FailingCallWish, 'directory'>): FailingCall {
    const fault = new FailingCall({ ...wish, directory: this.directory });
    onTestFinished(() => {
      fault.remove();
    });
    return fault;
  }
}

const COMMON_JS = `const fs = require('node:fs');
const { promisify } = require('node:util');
const tell = (act) => { try { console.log(String(act() ?? 'done')); } catch (error) { console.log(error.code); } };
const later = (act) => act().then((value) => console.log('done'), (error) => console.log(error.code));`;

/** Each kind in each of its forms, on a file that is there. */
const forms: Readonly<Record<Exclude<FailingKind, 'any'>, string[]>> = {
  open: ['tell(() => void fs.openSync(f))', 'later(() => promisify(fs.open)(f))', 'later(() => fs.promises.open(f))'],
  close: [
    'const fd = fs.openSync(f); tell(() => fs.closeSync(fd))',
    'const fd = fs.openSync(f); later(() => promisify(fs.close)(fd))',
  ],
  read: [
    'tell(() => void fs.readSync(fs.openSync(f), Buffer.alloc(1)))',
    'later(() => promisify(fs.read)(fs.openSync(f), Buffer.alloc(1), 0, 1, 0))',
    'tell(() => void fs.readFileSync(f))',
  ],
  write: [
    "tell(() => void fs.writeSync(fs.openSync(f, 'r+'), 'x'))",
    "later(() => promisify(fs.write)(fs.openSync(f, 'r+'), Buffer.from('x'), 0, 1, 0))",
    "later(() => fs.promises.writeFile(f, 'x'))",
  ],
  fsync: ['tell(() => fs.fsyncSync(fs.openSync(f)))', 'later(() => promisify(fs.fsync)(fs.openSync(f)))'],
  ftruncate: [
    "tell(() => fs.ftruncateSync(fs.openSync(f, 'r+')))",
    "later(() => promisify(fs.ftruncate)(fs.openSync(f, 'r+')))",
  ],
  rename: [
    'tell(() => fs.renameSync(f, f + 2))',
    'later(() => promisify(fs.rename)(f, f + 2))',
    "tell(() => fs.renameSync(f, d + '/../out'))",
  ],
  link: ['tell(() => fs.linkSync(f, f + 2))', 'later(() => fs.promises.link(f, f + 2))'],
  unlink: ['tell(() => fs.unlinkSync(f))', 'tell(() => fs.rmSync(f))', 'later(() => promisify(fs.unlink)(f))'],
  mkdir: ['tell(() => fs.mkdirSync(f + 2))', 'later(() => fs.promises.mkdir(f + 2))'],
  readdir: ['tell(() => void fs.readdirSync(d))', 'later(() => promisify(fs.readdir)(d))'],
  stat: ['tell(() => void fs.statSync(f))', 'later(() => promisify(fs.stat)(f))'],
  fstat: ['tell(() => void fs.fstatSync(fs.openSync(f)))', 'later(() => promisify(fs.fstat)(fs.openSync(f)))'],
  copyFile: ['tell(() => fs.copyFileSync(f, f + 2))', 'later(() => promisify(fs.copyFile)(f, f + 2))'],
};

/** Three times 'x' at the end of the file, one of them by a thread whose code is in memory. */
const IN_A_THREAD = `
const { Worker, isMainThread, workerData } = require('node:worker_threads');
const append = "const fs = require('node:fs'); const fd = fs.openSync(require('node:worker_threads').workerData, 'a');" +
  "try { fs.writeSync(fd, 'x'); console.log('done'); } catch (error) { console.log(error.code); }";
const thread = () => new Promise((settle) => new Worker(append, { eval: true, workerData: f }).on('exit', settle));
const here = () => tell(() => void fs.writeSync(fs.openSync(f, 'a'), 'x'));
here(); thread().then(here);`;

describe('A call that is made to fail', () => {
  it.each(Object.entries(forms))('fails as %s in all its forms, and is told', async (kind, scripts) => {
    for (const script of scripts) {
      const place = new Place();
      const fault = place.fault({ kind: kind as FailingKind, at: 1, errno: 'EMFILE' });
      expect([script, await place.run(script, fault.environment)]).toEqual([script, ['EMFILE']]);
      expect(fault.happened()).toEqual([expect.stringMatching(/^\w+ \/.*(file2?|state) EMFILE$/)]);
      const none = place.fault({ kind: kind as FailingKind, at: 2, errno: 'EMFILE' });
      expect([script, await place.run(script, none.environment)]).toEqual([script, ['done']]);
      expect(none.happened()).toEqual([]);
    }
  });

  it('is counted over all threads, also those whose code is in memory', async () => {
    for (const [at, expected] of [
      [1, ['EIO', 'done', 'done']],
      [2, ['done', 'EIO', 'done']],
      [3, ['done', 'done', 'EIO']],
    ] as const) {
      const place = new Place();
      const fault = place.fault({ kind: 'write', at, errno: 'EIO' });
      expect(await place.run(IN_A_THREAD, fault.environment)).toEqual(expected);
      expect(readFileSync(place.file, 'utf8')).toBe('contentxx');
    }
  });

  it('fails in a program of modules, too, and only below its directory', async () => {
    const place = new Place();
    const fault = place.fault({ at: 1, errno: 'EACCES' });
    const script = `statSync(d + '/..'); writeFileSync(d + '2', ''); try { statSync(f); } catch (error) { console.log(error.code); }`;
    const begin = `import { statSync, writeFileSync } from 'node:fs';`;
    expect(await place.run(script, fault.environment, begin)).toEqual(['EACCES']);
  });

  it('takes ENOENT for an answer where the caller does', async () => {
    const place = new Place();
    const fault = place.fault({ at: 1, times: 2, errno: 'ENOENT' });
    const script = `tell(() => fs.statSync(f, { throwIfNoEntry: false })); tell(() => fs.rmSync(f, { force: true })); tell(() => void fs.statSync(f));`;
    expect(await place.run(script, fault.environment)).toEqual(['done', 'done', 'done']);
    expect(fault.happened()).toHaveLength(2);
  });

  it('closes the descriptor all the same when it is a close', async () => {
    const place = new Place();
    const fault = place.fault({ kind: 'close', at: 1, errno: 'EIO' });
    const script = `console.log('ready'); const fd = fs.openSync(f); tell(() => fs.closeSync(fd)); tell(() => fs.fstatSync(fd));`;
    expect(await place.run(script, fault.environment)).toEqual(['ready', 'EIO', 'EBADF']);
  });

  it('may lose what was written since the last sync, whoever wrote it', async () => {
    const place = new Place();
    const fault = place.fault({ kind: 'fsync', at: 2, errno: 'EIO', losesUnsynced: true });
    const script = `
      const fd = fs.openSync(f, 'r+');
      fs.writeSync(fd, Buffer.from('SYNCED!'), 0, 7, 7); fs.fsyncSync(fd);
      fs.writeSync(fd, Buffer.from('lost'), 0, 4, 0); fs.writeSync(fs.openSync(f, 'a'), 'lost too');
      promisify(fs.write)(fd, Buffer.from('gone'), 0, 4, 20).then(() => {
        tell(() => fs.fsyncSync(fs.openSync(f)));
        tell(() => fs.readFileSync(f, 'utf8'));
        fs.writeSync(fd, Buffer.from('C'), 0, 1, 0);
        tell(() => fs.fsyncSync(fd));
        tell(() => fs.readFileSync(f, 'utf8'));
      });`;
    const told = ['EIO', 'contentSYNCED!', 'done', 'ContentSYNCED!'];
    expect(await place.run(script, fault.environment)).toEqual(told);
  });

  it('is each call in turn in a sweep, which ends when there is no more', async () => {
    const place = new Place();
    const script = `tell(() => fs.mkdirSync(d + '/a', { recursive: true })); tell(() => fs.renameSync(f, f));`;
    const told: string[][] = [];
    const failed = await failEachCall({ directory: place.directory, errno: 'EIO' }, async (environment) => {
      told.push(await place.run(script, environment));
    });
    expect(failed).toEqual([`mkdirSync ${place.directory}/a EIO`, `renameSync ${place.file} EIO`]);
    expect(told.map((words) => words.map((word) => word === 'EIO'))).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });
});

describe('A program that is killed at each of its steps', () => {
  it('dies at those of its threads and at those that go on beside it as well', async () => {
    const found = new Set<string>();
    const script = `${IN_A_THREAD} later(() => promisify(fs.write)(fs.openSync(f, 'r+'), Buffer.from('CO'), 0, 2, 0));`;
    const killed = await killAtEachMoment(async (moment) => {
      const place = new Place();
      const end = place.run(script, killedAt(moment, place.directory));
      const wasKilled = await end.then(
        () => false,
        (error: unknown) => (error as { signal?: string }).signal === 'SIGKILL',
      );
      found.add(readFileSync(place.file, 'utf8'));
      return wasKilled;
    });
    expect(killed).toBe(12); // four files are opened, and two moments for each write
    expect([...found]).toEqual(expect.arrayContaining(['content', 'contentx', 'COntentxx']));
  });
});

describe('A slow disk', () => {
  const slow = { ...preload('slow-disk.cjs'), SLOW_DISK_MS: '100', SLOW_DISK_CALLS: 'fsync' };
  const script = `
    const fd = fs.openSync(f, 'r+');
    const began = performance.now();
    const order = [];
    fs.fsync(fd, () => { order.push(performance.now() - began >= 99 ? 'synced late' : 'synced early'); });
    setTimeout(() => {
      order.push('turn');
      const now = performance.now();
      fs.fsyncSync(fd);
      order.push(performance.now() - now >= 99 ? 'slow' : 'fast');
    }, 1);
    process.on('exit', () => console.log(order.join()));`;

  it('takes its time for each sync, and others go on meanwhile unless they wait for it', async () => {
    expect(await new Place().run(script, slow)).toEqual(['turn,slow,synced late']);
  });

  it('can fail as well', async () => {
    const place = new Place();
    const fault = place.fault({ kind: 'fsync', at: 1, errno: 'EIO' });
    const environment = preloadAll(slow, fault.environment);
    expect(await place.run(`later(() => promisify(fs.fsync)(fs.openSync(f)))`, environment)).toEqual(['EIO']);
  });
});
