import { describe, expect, it } from 'vitest';
import { emptyRecord } from '#pipeline/setup/change-record.ts';
import type { ChangeRecord } from '#pipeline/setup/change-record.ts';
import { changesOf, makeChanges, undoChanges } from '#pipeline/setup/make-changes.ts';
import type { Outcome, RecordKeeper } from '#pipeline/setup/make-changes.ts';
import type { Place, Places, Wanted } from '#pipeline/setup/place.ts';
import { Problem } from '#support/problem.ts';

const parameter = (name: string): Place => ({ kind: 'parameter', configDirectory: '/etc/postfix', name });
const DIRECTORY: Place = { kind: 'directory', path: '/q/run' };
const UNIT: Place = { kind: 'unit', path: '/u/x.mount', unit: 'x.mount' };
const WANTED: readonly Wanted[] = [
  { place: DIRECTORY, value: 'root:root 0755' },
  { place: UNIT, value: '[Mount]\n' },
  { place: parameter('name'), value: 'run/s' },
  { place: parameter('enable'), value: 'yes' },
];

/** Places in memory, and a record, which fail from the given number of writes on. */
class Machine implements Places, RecordKeeper {
  readonly held = new Map<string, string>();
  readonly written: string[] = [];
  readonly told: string[] = [];
  readonly inUse = new Set<Place>();
  writesLeft = Infinity;
  stopped = false;
  isWithoutPostfix = false;
  reloads = 0;
  #record: ChangeRecord = emptyRecord;

  read(place: Place): string | null {
    if (this.isWithoutPostfix && place.kind === 'parameter') throw new Problem('postfix-not-found', 'no postconf');
    return this.held.get(nameOf(place)) ?? null;
  }

  isInEffect(): boolean {
    return !this.stopped;
  }

  write(place: Place, value: string | null): string | undefined {
    this.#count();
    if (this.inUse.has(place)) return 'something is in it';
    this.written.push(nameOf(place));
    if (value === null) this.held.delete(nameOf(place));
    else this.held.set(nameOf(place), value);
    return undefined;
  }

  requireAccess(): void {
    // Everything can be written.
  }

  reload(): boolean {
    this.#count();
    this.reloads += 1;
    return true;
  }

  load(): ChangeRecord {
    return this.#record;
  }

  save(record: ChangeRecord): void {
    this.#count();
    this.#record = record;
  }

  apply(wanted = WANTED): void {
    makeChanges(changesOf(wanted, this), this.#surroundings());
  }

  undo(): void {
    undoChanges(this.#surroundings());
  }

  #surroundings(): Parameters<typeof undoChanges>[0] {
    const tell = (outcome: Outcome): void => {
      this.told.push('change' in outcome ? `${outcome.kind} ${nameOf(outcome.change.place)}` : outcome.kind);
    };
    return { places: this, keeper: this, tell };
  }

  #count(): void {
    if (this.writesLeft === 0) throw new Error('cut off');
    this.writesLeft -= 1;
  }
}

function nameOf(place: Place): string {
  return 'path' in place ? place.path : 'name' in place ? place.name : 'key' in place ? place.key : place.unit;
}

/** Runs `act` and cuts it off after 0, 1, 2 and more writes, each time on a machine of its own; then calls `check`. */
function cutOffEverywhere(
  prepare: (machine: Machine) => void,
  act: (machine: Machine) => void,
  check: (machine: Machine) => void,
): void {
  for (let writes = 0; ; writes += 1) {
    const machine = new Machine();
    prepare(machine);
    machine.writesLeft = writes;
    const isCutOff = isThrown(() => {
      act(machine);
    });
    machine.writesLeft = Infinity;
    check(machine);
    if (!isCutOff) return;
  }
}

function isThrown(act: () => void): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}

const before = (machine: Machine): void => {
  machine.held.set('name', 'elsewhere');
  machine.held.set('own', 'untouched');
};

describe('Setting up', () => {
  it('makes each change once, in order, and lets Postfix know once', () => {
    const machine = new Machine();
    machine.apply();
    machine.apply();
    expect(machine.written).toEqual(['/q/run', '/u/x.mount', 'name', 'enable']);
    expect(machine.told).toEqual(['made /q/run', 'made /u/x.mount', 'made name', 'made enable', 'reloaded']);
  });

  it('can be cut off anywhere, and is finished by the next run', () => {
    cutOffEverywhere(
      before,
      (machine) => {
        machine.apply();
      },
      (machine) => {
        machine.apply();
        expect(WANTED.map(({ place }) => machine.read(place))).toEqual(WANTED.map(({ value }) => value));
        expect(machine.reloads).toBeGreaterThan(0);
        expect(machine.load().toReload).toEqual([]);
      },
    );
  });

  it('starts a unit of its own again that was stopped', () => {
    const machine = new Machine();
    machine.apply([{ place: UNIT, value: '[Mount]\n' }]);
    machine.stopped = true;
    machine.apply([{ place: UNIT, value: '[Mount]\n' }]);
    expect(machine.written).toEqual(['/u/x.mount', '/u/x.mount']);
    machine.undo();
    expect(machine.read(UNIT)).toBeNull();
  });
});

describe('What ran already', () => {
  it('is started anew where it is not in effect, and is not stopped when all is undone', () => {
    const machine = new Machine();
    machine.held.set('x.service', 'running');
    machine.stopped = true;
    machine.apply([{ place: { kind: 'service', unit: 'x.service' }, value: 'running' }]);
    expect(machine.told).toEqual(['made x.service']);
    machine.undo();
    expect(machine.held.get('x.service')).toBe('running');
    expect(machine.load()).toEqual(emptyRecord);
  });
});

describe('Undoing', () => {
  it('clears away what a directory was begun as, where making it was cut off', () => {
    const machine = new Machine();
    const change = { place: DIRECTORY, value: 'root:root 0755', before: null };
    machine.save({ changes: [change], toReload: [] });
    machine.undo();
    expect([machine.written, machine.told]).toEqual([['/q/run'], ['undone-already /q/run']]);
  });

  it('brings back what was there before, wherever setting up was cut off', () => {
    cutOffEverywhere(
      before,
      (machine) => {
        machine.apply();
      },
      (machine) => {
        machine.undo();
        expect(Object.fromEntries(machine.held)).toEqual({ name: 'elsewhere', own: 'untouched' });
        expect(machine.load()).toEqual(emptyRecord);
      },
    );
  });

  it('can be cut off anywhere itself, and is finished by the next run', () => {
    cutOffEverywhere(
      (machine) => {
        before(machine);
        machine.apply();
        machine.reloads = 0;
      },
      (machine) => {
        machine.undo();
      },
      (machine) => {
        machine.undo();
        expect(Object.fromEntries(machine.held)).toEqual({ name: 'elsewhere', own: 'untouched' });
        expect(machine.reloads).toBeGreaterThan(0);
      },
    );
  });

  it('takes the last change back first, and knows of nothing a second time', () => {
    const machine = new Machine();
    machine.apply();
    machine.told.length = 0;
    machine.undo();
    machine.undo();
    expect(machine.told).toEqual(['undone enable', 'undone name', 'undone /u/x.mount', 'undone /q/run', 'reloaded']);
  });

  it('leaves what somebody has changed since, and what is in use', () => {
    const machine = new Machine();
    machine.apply();
    machine.held.set('name', 'of the administrator');
    machine.inUse.add(DIRECTORY);
    machine.told.length = 0;
    machine.undo();
    expect(machine.told).toEqual(['undone enable', 'left name', 'undone /u/x.mount', 'left /q/run', 'reloaded']);
    expect(machine.held.get('name')).toBe('of the administrator');
  });

  it('takes the rest back where Postfix is no longer installed, and does not forget what only Postfix can take back', () => {
    const machine = new Machine();
    machine.apply();
    machine.told.length = 0;
    machine.isWithoutPostfix = true;
    expect(() => {
      machine.undo();
    }).toThrow('no postconf');
    expect(machine.told).toEqual(['undone /u/x.mount', 'undone /q/run']);
    machine.isWithoutPostfix = false;
    machine.undo();
    expect([[...machine.held], machine.load()]).toEqual([[], emptyRecord]);
  });

  it('says so where somebody has undone it already', () => {
    const machine = new Machine();
    machine.apply();
    machine.held.delete('enable');
    machine.told.length = 0;
    machine.undo();
    expect(machine.told[0]).toBe('undone-already enable');
  });

  it('knows what was there first, also after the plan has changed', () => {
    const machine = new Machine();
    before(machine);
    machine.apply();
    machine.apply([{ place: parameter('name'), value: 'run/moved' }]);
    machine.undo();
    expect(machine.held.get('name')).toBe('elsewhere');
  });

  it('brings back what the administrator had put in between', () => {
    const machine = new Machine();
    machine.apply();
    machine.held.set('name', 'of the administrator');
    machine.apply();
    machine.undo();
    expect(machine.held.get('name')).toBe('of the administrator');
  });

  it('leaves alone what was right before', () => {
    const machine = new Machine();
    machine.held.set('enable', 'yes');
    machine.apply();
    machine.undo();
    expect(Object.fromEntries(machine.held)).toEqual({ enable: 'yes' });
  });
});
