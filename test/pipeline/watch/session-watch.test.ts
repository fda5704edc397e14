import { describe, expect, it } from 'vitest';
import { SessionWatch } from '#pipeline/watch/session-watch.ts';
import { WatchedDomains } from '#pipeline/watch/watched-domains.ts';
import type { DomainBefore } from '#pipeline/watch/watched-domains.ts';
import type { Moment, WatchLimits } from '#pipeline/watch/watch-limits.ts';
import type { Incident, IncidentNews } from '#store/watch-book.ts';
import { LIMITS } from '#test/support/watched-host.ts';

const MINUTE_MS = 60_000;
const NAMES = Array.from({ length: 40 }, (_, index) => `d${String(index)}.example`);

/** By default 1,000 sessions on seven days, of which none failed. */
function domain(name: string, failed = 0, types: readonly string[] = []): DomainBefore {
  return { domain: name, days: 7, successful: 1_000 - failed, failed, types: new Set(types) };
}

class Watched {
  now: Moment = { nowMs: Date.UTC(2026, 10, 18, 12), steadyMs: 1_000_000 };
  readonly told: string[] = [];
  readonly news: IncidentNews[] = [];
  readonly watch: SessionWatch;
  readonly #domains: WatchedDomains;

  constructor(before: readonly DomainBefore[], limits: Partial<WatchLimits> = {}, incidents: readonly Incident[] = []) {
    const all = { ...LIMITS, ...limits };
    this.#domains = new WatchedDomains(
      before,
      all.ownDomains,
      incidents.map((one) => one.domain),
    );
    const { now } = this;
    const known = { isRegular: true, incidents, dayHours: [], last: now, now };
    this.watch = new SessionWatch({ limits: all, domains: this.#domains, ...known });
  }

  see(name: string, wish: { ok?: number; failed?: number; type?: string; mx?: string } = {}): void {
    const { ok = 0, failed = 0, type = 'certificate-expired', mx = `mx.${name}` } = wish;
    const watchedId = this.#domains.ofPolicy(name, name);
    const example = { resultType: type, policyType: 'sts', policyDomain: name, receivingMxHostname: mx };
    const failure = { watchedId: this.#domains.ofFailure(watchedId, mx), example, sessions: failed };
    const [counts, failures] = [[{ watchedId, successful: ok, failed }], failed > 0 ? [failure] : []];
    this.watch.take({ isPast: false, datagrams: ok + failed, counts, failures }, this.now);
  }

  /** Judges every ten seconds. */
  pass(durationMs: number, meanwhile: () => void = () => undefined): this {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 10_000) {
      this.now = { nowMs: this.now.nowMs + 10_000, steadyMs: this.now.steadyMs + 10_000 };
      meanwhile();
      const news = this.watch.judge(this.now, () => ({}));
      this.news.push(...news);
      this.told.push(...news.map(({ change, incident }) => `${change} ${incident.kind} ${incident.domain}`.trim()));
    }
    return this;
  }
}

describe('The rules of watch', () => {
  it('tell a domain that begins to fail once, and that it is over', () => {
    const watched = new Watched([domain('a.example')]);
    watched.pass(2 * MINUTE_MS, () => {
      watched.see('a.example', { failed: 1 });
    });
    expect(watched.told).toEqual(['begun failing a.example']);
    expect(watched.news[0]?.incident).toMatchObject({
      failed: 7,
      successful: 0,
      before: { days: 7, successful: 1_000 },
    });
    watched.pass(25 * MINUTE_MS, () => {
      watched.see('a.example', { ok: 1 });
    });
    expect(watched.told).toEqual(['begun failing a.example', 'over failing a.example']);
  });

  it.each([
    ['one burst that is over', 12, (seconds: number) => (seconds === 10 ? { failed: 50 } : {})],
    ['fewer than there have to be', 12, (seconds: number) => (seconds <= 40 ? { failed: 1 } : {})],
    ['a share that is too low', 30, () => ({ failed: 2, ok: 3 })],
    [
      'retries that succeed in the end',
      30,
      (seconds: number) => (seconds % 30 === 0 ? { ok: 1 } : { failed: seconds % 60 === 10 ? 1 : 0 }),
    ],
  ])('do not tell %s', (_, minutes, wish) => {
    const watched = new Watched([domain('a.example', 20, ['certificate-expired'])]);
    let seconds = 0;
    watched.pass(minutes * MINUTE_MS, () => {
      seconds += 10;
      watched.see('a.example', wish(seconds));
    });
    expect(watched.told).toEqual([]);
  });

  it('leave a domain that always failed, one that fails as often as before, and one without regular traffic', () => {
    const types = ['certificate-expired'];
    const watched = new Watched([domain('always.example', 1_000, types), domain('often.example', 450, types)]);
    watched.pass(30 * MINUTE_MS, () => {
      watched.see('always.example', { failed: 3 });
      watched.see('often.example', { failed: 1, ok: 1 });
      watched.see('stranger.example', { failed: 5 });
    });
    expect(watched.told).toEqual([]);
  });

  it('tell a result type that is new with a domain, also with one that always failed, and not the same again', () => {
    const watched = new Watched([domain('a.example'), domain('always.example', 1_000, ['starttls-not-supported'])]);
    const both = (): void => {
      watched.see('a.example', { failed: 1, ok: 4, type: 'sts-policy-invalid' });
      watched.see('always.example', { failed: 1, type: 'certificate-expired' });
      watched.see('always.example', { failed: 1, type: 'starttls-not-supported' });
    };
    watched.pass(3 * MINUTE_MS, both);
    expect(watched.told.sort()).toEqual(['begun new-type a.example', 'begun new-type always.example']);
    watched.pass(70 * MINUTE_MS, () => {
      watched.see('a.example', { ok: 1 });
      watched.see('always.example', { failed: 1, type: 'starttls-not-supported' });
    });
    expect(watched.told.slice(2).sort()).toEqual(['over new-type a.example', 'over new-type always.example']);
    watched.pass(3 * MINUTE_MS, both);
    expect(watched.told).toHaveLength(4);
  });

  it('tell the first failure of a certificate or a policy at a domain of ours, below it, and at its mail host', () => {
    const watched = new Watched([], { ownDomains: ['ours.example'] });
    watched.pass(10_000, () => {
      watched.see('sub.ours.example', { failed: 1, type: 'starttls-not-supported' });
    });
    expect(watched.told).toEqual([]);
    watched.pass(10_000, () => {
      watched.see('customer.example', { failed: 1, mx: 'MX.ours.example' });
    });
    expect(watched.told).toEqual(['begun own-domain ours.example']);
    watched.pass(70 * MINUTE_MS, () => {
      watched.see('sub.ours.example', { ok: 1 });
    });
    expect(watched.told).toEqual(['begun own-domain ours.example', 'over own-domain ours.example']);
  });

  it('tell a wave instead of its domains, where it is, and that it is over, and then what still fails', () => {
    const watched = new Watched(NAMES.map((name) => domain(name)));
    const all = (wish: object): void => {
      for (const name of NAMES) watched.see(name, wish);
    };
    watched.pass(MINUTE_MS, () => {
      all({ ok: 1 });
    });
    watched.pass(15 * MINUTE_MS, () => {
      all({ failed: 1, mx: 'mx7.big.example' });
    });
    expect([watched.told, watched.news[0]?.incident.wave]).toEqual([
      ['begun wave'],
      { domains: 40, named: NAMES.slice(0, 20), site: 'big.example' },
    ]);
    watched.pass(20 * MINUTE_MS, () => {
      for (const name of NAMES.slice(1)) watched.see(name, { ok: 2 });
      watched.see(NAMES[0] ?? '', { failed: 1 });
    });
    expect(watched.told).toEqual(['begun wave', 'over wave', 'begun failing d0.example']);
    watched.pass(90 * MINUTE_MS, () => {
      all({ ok: 1 });
    });
    expect(watched.told.slice(3)).toEqual(['over failing d0.example']);
  });

  it('take no few of very many for a wave, unless they have their mail at one place', () => {
    const names = Array.from({ length: 400 }, (_, index) => `p${String(index)}.example`);
    const watched = new Watched(names.map((name) => domain(name, 0, ['certificate-expired'])));
    watched.pass(2 * MINUTE_MS, () => {
      names.forEach((name, index) => {
        watched.see(name, index < 11 ? { failed: 1 } : { ok: 1 });
      });
    });
    expect(new Set(watched.told.map((told) => told.split(' ')[1]))).toEqual(new Set(['failing']));
    expect(watched.told).toHaveLength(11);
  });

  it('tell a silence only where it is unusual, and its end', () => {
    const watched = new Watched([]);
    watched.pass(10_000, () => {
      watched.see('x.example', { ok: 1 });
    });
    watched.pass(23 * 60 * MINUTE_MS);
    expect(watched.told).toEqual([]); // nobody has watched at this time before, and each day had sessions
    watched.pass(2 * 60 * MINUTE_MS);
    expect(watched.told).toEqual(['begun silence']);
    watched.pass(10_000, () => {
      watched.see('x.example', { ok: 1 });
    });
    expect(watched.told).toEqual(['begun silence', 'over silence']);
  });

  it('go on with what was told before a restart, and do not tell it again', () => {
    const first = new Watched([domain('a.example')]);
    first.pass(2 * MINUTE_MS, () => {
      first.see('a.example', { failed: 1 });
    });
    const again = new Watched([], {}, first.watch.incidents());
    again.pass(5 * MINUTE_MS, () => {
      again.see('a.example', { failed: 1 });
    });
    expect(again.told).toEqual([]);
    again.pass(25 * MINUTE_MS, () => {
      again.see('a.example', { ok: 1 });
    });
    expect(again.told).toEqual(['over failing a.example']);
  });

  it('say that nothing shows whether it lasts when nothing has come for a day', () => {
    const watched = new Watched([domain('a.example')]);
    watched.pass(2 * MINUTE_MS, () => {
      watched.see('a.example', { failed: 1 });
    });
    watched.pass(25 * 60 * MINUTE_MS);
    expect(watched.told).toContain('lapsed failing a.example');
  });
});
