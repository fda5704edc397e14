import { describe, expect, it, onTestFinished } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { LeaseKeeper } from '#pipeline/share/lease-keeper.ts';
import { DAY } from '#test/support/collected-days.ts';
import { FakeBucketLeases } from '#test/support/fake-bucket-leases.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const LEASE_MS = 30_000;
const PATIENCE_MS = 120_000;
const NEVER = new AbortController().signal;

/** Renews when the test says so. */
class RestingClock extends ManualClock {
  override sleep(_durationMs: number, enough?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      enough?.addEventListener('abort', () => {
        resolve();
      });
    });
  }
}

/** One machine, whose clocks have nothing to do with those of another one. */
class Machine {
  readonly clock: RestingClock;
  readonly events: LogEvent[] = [];
  readonly stopping = new AbortController();
  readonly keeper: LeaseKeeper;

  constructor(leases: FakeBucketLeases, host: string, time = '2026-11-20T06:00:00Z') {
    this.clock = new RestingClock(time);
    const log = (event: LogEvent): void => {
      this.events.push(event);
    };
    const { clock } = this;
    const [times, stopping] = [{ leaseMs: LEASE_MS, patienceMs: PATIENCE_MS }, this.stopping.signal];
    this.keeper = new LeaseKeeper({ leases, day: DAY, host, ...times, clock, stopping, log });
    onTestFinished(() => this.keeper.end());
  }

  async takes(...buckets: readonly number[]): Promise<number[]> {
    await this.keeper.look();
    return (await this.keeper.take(buckets)).map(({ bucket }) => bucket);
  }

  names(): string[] {
    return this.events.map(({ name }) => name);
  }
}

function twoMachines(): { leases: FakeBucketLeases; one: Machine; two: Machine } {
  const leases = new FakeBucketLeases();
  const two = new Machine(leases, 'mx2', '2031-01-01T00:00:00Z'); // whatever its clock says
  return { leases, one: new Machine(leases, 'mx1'), two };
}

describe('LeaseKeeper', () => {
  it('lets each bucket be taken by one of two', async () => {
    const { one, two } = twoMachines();
    await Promise.all([one.keeper.look(), two.keeper.look()]);
    const taken = await Promise.all([one.keeper.take([1, 2, 3]), two.keeper.take([2, 3, 4])]);
    expect(taken.map((leases) => leases.map(({ bucket }) => bucket))).toEqual([[1, 2, 3], [4]]);
    expect([one.keeper.holds(2), two.keeper.holds(2)]).toEqual([true, false]);
  });

  it('takes a lease only after it has itself seen it unchanged for as long as it lasts', async () => {
    const { one, two } = twoMachines();
    await one.takes(1);
    expect(await two.takes(1)).toEqual([]);
    two.clock.advance(LEASE_MS - 1);
    expect(await two.takes(1)).toEqual([]);
    two.clock.advance(1);
    expect(await two.takes(1)).toEqual([1]);
    expect(two.names()).toEqual(['shared-buckets-taken-over']);
  });

  it('takes none that was renewed meanwhile, and none by a jump of its wall clock', async () => {
    const { one, two } = twoMachines();
    await one.takes(1);
    await two.takes(1);
    two.clock.advance(LEASE_MS - 1);
    await one.keeper.renew();
    expect(await two.takes(1)).toEqual([]);
    two.clock.jump(10 * LEASE_MS);
    expect(await two.takes(1)).toEqual([]);
  });

  it('holds a lease for less time than anybody waits before taking it', async () => {
    const { one } = twoMachines();
    await one.takes(1);
    one.clock.advance(LEASE_MS * 0.66);
    expect(one.keeper.holds(1)).toBe(true);
    one.clock.advance(LEASE_MS * 0.01);
    expect(one.keeper.holds(1)).toBe(false);
  });

  it('holds nothing any more after the machine was suspended, which the monotonic clock does not see', async () => {
    const { one } = twoMachines();
    await one.takes(1);
    one.clock.jump(LEASE_MS);
    expect(one.keeper.holds(1)).toBe(false);
    one.clock.jump(-2 * LEASE_MS);
    expect(one.keeper.holds(1)).toBe(true);
  });

  it('goes on with what nobody has taken, once the cluster is there again', async () => {
    const { leases, one } = twoMachines();
    await one.takes(1);
    leases.isAway = true;
    one.clock.advance(LEASE_MS);
    await one.keeper.renew();
    const held = one.keeper.whenHeld(1, NEVER);
    leases.isAway = false;
    await one.keeper.renew();
    expect([await held, one.names()]).toEqual([true, ['shared-leases-not-renewed', 'shared-leases-renewed']]);
  });

  it('loses what another one has taken, and says so to whoever waits', async () => {
    const { one, two } = twoMachines();
    await one.takes(1, 2);
    await two.takes(1);
    two.clock.advance(LEASE_MS);
    one.clock.advance(LEASE_MS);
    await two.takes(1);
    const [held, loss] = [one.keeper.whenHeld(1, NEVER), one.keeper.lossOf(1)];
    await one.keeper.renew();
    expect(await held).toBe(false);
    await loss;
    expect([one.keeper.holds(1), one.keeper.holds(2), one.names()]).toEqual([false, true, ['shared-buckets-lost']]);
  });

  it('knows a renewal of its own of which the reply was lost', async () => {
    const { leases, one } = twoMachines();
    await one.takes(1);
    leases.repliesLost = 1;
    one.clock.advance(LEASE_MS);
    await one.keeper.renew();
    expect(one.keeper.holds(1)).toBe(false);
    await one.keeper.renew();
    expect([one.keeper.holds(1), one.names()]).toEqual([true, ['shared-leases-not-renewed', 'shared-leases-renewed']]);
  });

  it('takes a lease once more of which it never heard that it had got it', async () => {
    const { leases, one } = twoMachines();
    await one.keeper.look();
    leases.repliesLost = 1;
    await expect(one.keeper.take([1])).rejects.toMatchObject({ code: 'cluster-unreachable' });
    expect(await one.takes(1)).toEqual([1]);
  });

  it('gives up when the cluster stays away', async () => {
    const { leases, one } = twoMachines();
    await one.takes(1);
    leases.isAway = true;
    await one.keeper.renew();
    const held = one.keeper.whenHeld(2, NEVER);
    one.clock.advance(PATIENCE_MS);
    await one.keeper.renew();
    expect([await held, one.keeper.lossOf(1)]).toEqual([false, undefined]);
  });

  it('gives up once its leases have run out for the others, when it was told to stop', async () => {
    const { leases, one } = twoMachines();
    await one.takes(1);
    leases.isAway = true;
    await one.keeper.renew();
    one.clock.advance(LEASE_MS);
    await one.keeper.renew();
    expect(one.keeper.lossOf(1)).toBeDefined();
    one.stopping.abort();
    await one.keeper.renew();
    expect(one.keeper.lossOf(1)).toBeUndefined();
  });

  it('tells, and in the end gives up, when the cluster is too busy for some of them', async () => {
    const { leases, one } = twoMachines();
    await one.takes(1, 2);
    const write = leases.write.bind(leases);
    leases.write = (day, changes) =>
      write(
        day,
        changes.filter(({ lease }) => lease.bucket !== 2),
      );
    one.clock.advance(LEASE_MS);
    await one.keeper.renew();
    expect([one.keeper.holds(1), one.keeper.holds(2), one.names()]).toEqual([
      true,
      false,
      ['shared-leases-not-renewed'],
    ]);
    one.clock.advance(PATIENCE_MS);
    await one.keeper.renew();
    expect(one.keeper.lossOf(2)).toBeUndefined();
  });

  it('leaves at once to others what it lets go of, with what has come of it', async () => {
    const { one, two } = twoMachines();
    await one.takes(1, 2);
    const worked = { mark: 'm', waiting: 0, nextAttemptMs: undefined };
    await one.keeper.release(
      new Map([
        [1, worked],
        [2, undefined],
      ]),
    );
    expect((await two.keeper.look()).get(1)).toMatchObject({ holder: undefined, worked, epoch: 1 });
    expect(await two.takes(1, 2)).toEqual([1, 2]);
    expect((await two.keeper.look()).get(1)).toMatchObject({ worked, epoch: 2, host: 'mx2' });
    expect(two.names()).toEqual([]);
  });

  it('lets go of a lease also where the reply to its last renewal was lost', async () => {
    const { leases, one, two } = twoMachines();
    await one.takes(1, 2);
    leases.repliesLost = 1;
    await one.keeper.renew();
    const worked = { mark: 'm', waiting: 0, nextAttemptMs: undefined };
    await one.keeper.release(new Map([[1, worked]]));
    expect((await two.keeper.look()).get(1)).toMatchObject({ holder: undefined, worked });
  });

  it('lets go of nothing that another one has taken', async () => {
    const { one, two } = twoMachines();
    await one.takes(1);
    await two.takes(1);
    two.clock.advance(LEASE_MS);
    await two.takes(1);
    await one.keeper.release(new Map([[1, undefined]]));
    expect((await one.keeper.look()).get(1)).toMatchObject({
      host: 'mx2',
      epoch: 2,
      holder: expect.any(String) as string,
    });
  });

  it('ends with what it could not foresee', async () => {
    const { leases, one } = twoMachines();
    await one.takes(1);
    const loss = one.keeper.lossOf(1);
    leases.write = () => Promise.reject(new TypeError('a bug'));
    await expect(one.keeper.renew()).rejects.toThrow('a bug');
    await one.keeper.end();
    await loss;
  });
});
