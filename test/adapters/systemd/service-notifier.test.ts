import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serviceNotifier } from '#adapters/systemd/service-notifier.ts';
import { openInbox } from '#test/support/datagram-inbox.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const PID = 4711;

function watched(environment: Readonly<Record<string, string>> = {}): {
  inbox: () => string[];
  notifier: NonNullable<ReturnType<typeof serviceNotifier>>;
} {
  const path = join(scratchDirectory(), 'notify.sock');
  const inbox = openInbox(path);
  const notifier = serviceNotifier({ NOTIFY_SOCKET: path, ...environment }, PID);
  if (!notifier) throw new Error('nobody is told');
  return { inbox, notifier };
}

describe('The service notifier', () => {
  it('says that the collector is ready, with a status, and that it ends', () => {
    const { inbox, notifier } = watched();
    notifier.ready('Receiving on /run/x.sock');
    notifier.stopping();
    expect(inbox()).toEqual(['READY=1\nSTATUS=Receiving on /run/x.sock', 'STOPPING=1']);
  });

  it('feeds the watchdog twice in each of its intervals, however often the loop turns', () => {
    const { inbox, notifier } = watched({ WATCHDOG_USEC: '4000000', WATCHDOG_PID: String(PID) });
    for (let nowMs = 0; nowMs <= 8_000; nowMs += 100) notifier.alive(nowMs, () => `at ${String(nowMs)}`);
    expect(inbox()).toEqual([0, 2_000, 4_000, 6_000, 8_000].map((ms) => `WATCHDOG=1\nSTATUS=at ${String(ms)}`));
  });

  it('goes on feeding it after the clock was set back', () => {
    const { inbox, notifier } = watched({ WATCHDOG_USEC: '4000000' });
    notifier.alive(100_000, () => 'before');
    notifier.alive(50_000, () => 'after');
    expect(inbox()).toHaveLength(2);
  });

  it('shows the status every ten seconds when there is no watchdog', () => {
    const { inbox, notifier } = watched();
    for (let nowMs = 0; nowMs <= 25_000; nowMs += 1_000) notifier.alive(nowMs, () => `at ${String(nowMs)}`);
    expect(inbox()).toEqual(['STATUS=at 0', 'STATUS=at 10000', 'STATUS=at 20000']);
  });

  it('leaves a watchdog alone that watches another process', () => {
    const { inbox, notifier } = watched({ WATCHDOG_USEC: '4000000', WATCHDOG_PID: '1' });
    notifier.alive(0, () => 'well');
    expect(inbox()).toEqual(['STATUS=well']);
  });

  it('is not there when nobody wants to know', () => {
    expect(serviceNotifier({}, PID)).toBeUndefined();
    expect(serviceNotifier({ NOTIFY_SOCKET: 'relative' }, PID)).toBeUndefined();
    expect(serviceNotifier({ NOTIFY_SOCKET: `/${'x'.repeat(200)}` }, PID)).toBeUndefined();
  });

  it('does not fail when nobody listens any more', () => {
    const notifier = serviceNotifier({ NOTIFY_SOCKET: join(scratchDirectory(), 'gone.sock') }, PID);
    expect(() => {
      notifier?.ready('Receiving');
    }).not.toThrow();
  });
});
