import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Watch } from '#pipeline/watch/watch.ts';
import type { Store } from '#store/store.ts';
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { WatchedHost } from '#test/support/watched-host.ts';

const [STEP_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [10_000, 60_000, 3_600_000, 86_400_000];
const OWN = { ownDomains: ['ours.example'] };

interface Watching {
  readonly watch: Watch;
  readonly store: Store;
}

/** With a week of traffic behind it. */
async function hostWithWeek(watchDisk: Disk = systemDisk): Promise<WatchedHost> {
  const host = await WatchedHost.make(new ManualClock('2026-11-11T12:00:00Z'), watchDisk);
  for (let day = 0; day < 7; day += 1) {
    for (const domain of ['a.example', 'b.example']) host.see({ domain, times: 500 });
    host.clock.advance(DAY_MS);
    await host.closeDay();
  }
  return host;
}

/** One look after another; what comes before each is said by `see`. */
async function pass(
  host: WatchedHost,
  { watch }: Watching,
  durationMs: number,
  see: () => void = () => undefined,
): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += STEP_MS) {
    host.clock.advance(STEP_MS);
    see();
    await host.write();
    while (await watch.look());
  }
}

function toldBy({ store }: Watching): string[] {
  return store.watch.read().pending.map(({ notice }) => notice.subject);
}

function namesOf(host: WatchedHost): string[] {
  return host.events.map(({ name }) => name);
}

/** As a kill leaves it. */
function kill({ watch, store }: Watching): void {
  watch.close();
  store.watch.close();
}

/** Each call of that name fails while `isFailing` says so. */
function failing(name: 'rename' | 'list', isFailing: () => boolean): Disk {
  const refuse = (): void => {
    if (isFailing()) throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  const rename: Disk['rename'] = (from, to) => {
    refuse();
    systemDisk.rename(from, to);
  };
  const list: Disk['list'] = (path) => {
    refuse();
    return systemDisk.list(path);
  };
  return { ...systemDisk, ...(name === 'rename' ? { rename } : { list }) };
}

describe('A watch', () => {
  it('tells once, whenever it is killed and started again, and the end as well', async () => {
    const host = await hostWithWeek();
    const subjects = new Set<string>();
    let begun = await host.watch();
    for (let round = 1; round <= 4; round += 1) {
      await pass(host, begun, 2 * MINUTE_MS, () => {
        host.see({ domain: 'a.example', code: 204 });
      });
      for (const subject of toldBy(begun)) subjects.add(subject);
      kill(begun);
      begun = await host.watch();
    }
    await pass(host, begun, 15 * MINUTE_MS, () => {
      host.see({ domain: 'a.example' });
    });
    expect([...subjects]).toHaveLength(1);
    expect(toldBy(begun)).toEqual([...subjects, 'Over: TLS failed with a.example']);
    kill(begun);
  });

  it('tells what it could not write as soon as the disk takes it, and once', async () => {
    let isFull = false;
    const host = await hostWithWeek(failing('rename', () => isFull));
    const begun = await host.watch(OWN);
    isFull = true;
    await pass(host, begun, MINUTE_MS, () => {
      host.see({ domain: 'ours.example', code: 204 });
    });
    expect([toldBy(begun), namesOf(host).filter((name) => name.startsWith('store-'))]).toEqual([
      [],
      ['store-not-writable'],
    ]);
    isFull = false;
    await pass(host, begun, MINUTE_MS);
    expect(toldBy(begun)).toEqual(['TLS failure at our domain ours.example: certificate-expired']);
    kill(begun);
  });

  it('says that it cannot read, takes that for no silence, and loses nothing', async () => {
    let isBroken = false;
    const host = await hostWithWeek(failing('list', () => isBroken));
    const begun = await host.watch(OWN);
    await pass(host, begun, MINUTE_MS);
    isBroken = true;
    await pass(host, begun, (30 * HOUR_MS) / 10, () => {
      host.see({ domain: 'ours.example', code: 204 });
    });
    isBroken = false;
    await pass(host, begun, MINUTE_MS);
    expect(toldBy(begun)).toEqual(['TLS failure at our domain ours.example: certificate-expired']);
    expect(namesOf(host).filter((name) => /^store-|resumed/.test(name))).toEqual([
      'store-not-readable',
      'watch-resumed',
    ]);
    kill(begun);
  });

  it('is not misled by a clock that jumps, into either direction', async () => {
    const host = await hostWithWeek();
    const begun = await host.watch();
    for (const jumpMs of [365 * DAY_MS, -365 * DAY_MS, -3 * HOUR_MS, 3 * HOUR_MS]) {
      host.clock.jump(jumpMs);
      await pass(host, begun, 3 * MINUTE_MS, () => {
        host.see({ domain: 'a.example' });
      });
    }
    expect(toldBy(begun)).toEqual([]);
    host.clock.jump(DAY_MS);
    await pass(host, begun, 2 * MINUTE_MS, () => {
      host.see({ domain: 'a.example', code: 204 });
    });
    host.clock.jump(-DAY_MS);
    await pass(host, begun, 20 * MINUTE_MS, () => {
      host.see({ domain: 'a.example' });
    });
    expect(toldBy(begun)).toEqual(['TLS fails with a.example: 7 of 7 sessions', 'Over: TLS failed with a.example']);
    kill(begun);
  });

  it('learns no silence from a time in which it was stopped', async () => {
    const host = await hostWithWeek();
    const begun = await host.watch();
    await pass(host, begun, MINUTE_MS, () => {
      host.see({ domain: 'a.example' });
    });
    host.clock.advance(20 * MINUTE_MS);
    await pass(host, begun, MINUTE_MS, () => {
      host.see({ domain: 'a.example' });
    });
    const silences = begun.store.watch.read().days.flatMap(({ silentMs }) => silentMs.map((ms) => ms ?? 0));
    expect(Math.max(...silences)).toBeLessThan(MINUTE_MS);
    kill(begun);
  });

  it('sums up what is too much for an hour, also after a restart', async () => {
    const host = await hostWithWeek();
    const limits = { ownDomains: Array.from({ length: 8 }, (_, index) => `o${String(index)}.example`), mostNotices: 3 };
    let begun = await host.watch(limits);
    await pass(host, begun, STEP_MS);
    for (const domain of limits.ownDomains) host.see({ domain, code: 204 });
    await pass(host, begun, STEP_MS);
    expect(toldBy(begun)).toHaveLength(2);
    kill(begun);
    begun = await host.watch(limits);
    await pass(host, begun, 6 * MINUTE_MS);
    expect(toldBy(begun).slice(2)).toEqual(['6 changes with TLS: 6 begun, 0 over']);
    expect(namesOf(host)).toContain('incidents-held');
    kill(begun);
  });

  it('keeps nothing to be told where there is no way, and says it in the log', async () => {
    const host = await hostWithWeek();
    const begun = await host.watch(OWN, []);
    await pass(host, begun, STEP_MS);
    host.see({ domain: 'ours.example', code: 204 });
    await pass(host, begun, MINUTE_MS);
    expect([toldBy(begun), namesOf(host)]).toEqual([[], ['watch-started', 'incident-begun']]);
    kill(begun);
  });

  it('begins anew where what it knew is damaged', async () => {
    const host = await hostWithWeek();
    writeFileSync(join(host.path, 'watch.json'), '{"incidents":[');
    const { store, watch } = await host.watch();
    expect(store.watch.read().incidents).toEqual([]);
    kill({ store, watch });
  });
});
