import { describe, expect, it } from 'vitest';
import { LIMITS, WatchedHost } from '#test/support/watched-host.ts';
import type { SeenSession } from '#test/support/watched-host.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';

/** Criterion 5 of early warning: a day with twelve incidents among noise. */
const DAY = '2026-11-18';
const [STEP_MS, MINUTE_MS, DAY_MS] = [10_000, 60_000, 86_400_000];
const WITHIN_MS = 2 * MINUTE_MS;
const OWN = 'ours.example';

const partners = Array.from({ length: 30 }, (_, index) => `partner${String(index)}.example`);
const customers = Array.from({ length: 14 }, (_, index) => `customer${String(index)}.example`);
const broken = Array.from({ length: 5 }, (_, index) => `broken${String(index)}.example`);
const regular = [...partners, ...customers, ...broken, 'shaky.example', OWN];
/** With more traffic than the others. */
const busy = ['partner2.example', 'partner2.example', 'partner2.example', 'broken0.example'];

interface Planned {
  readonly name: string;
  /** From and to, as hours and minutes of the day; beyond 24 on the next one. */
  readonly from: string;
  readonly to: string;
  /** What becomes of a session; undefined for one that it does not concern. */
  readonly change: (domain: string, random: () => number) => Partial<SeenSession> | 'none' | undefined;
}

const fails =
  (domain: string, code: number, share = 1): Planned['change'] =>
  (name, random) =>
    name === domain && random() < share ? { code } : undefined;

const incidents: readonly Planned[] = [
  { name: 'failing partner0', from: '05:30', to: '06:20', change: fails('partner0.example', 204) },
  { name: 'failing partner1', from: '07:00', to: '07:40', change: fails('partner1.example', 203, 0.85) },
  { name: 'new-type broken0', from: '08:00', to: '08:30', change: fails('broken0.example', 204, 0.5) },
  { name: 'new-type partner2', from: '09:30', to: '10:00', change: fails('partner2.example', 301, 0.3) },
  { name: `own-domain ${OWN}`, from: '10:30', to: '10:31', change: fails(OWN, 204) },
  {
    name: 'wave',
    from: '12:00',
    to: '12:40',
    change: (name) => (partners.slice(5).includes(name) ? { code: 205 } : undefined),
  },
  {
    name: 'wave big.example',
    from: '13:40',
    to: '14:20',
    change: (name) => (customers.includes(name) ? { code: 201 } : undefined),
  },
  { name: 'silence', from: '15:30', to: '15:50', change: () => 'none' },
  { name: `own-domain ${OWN}`, from: '16:10', to: '16:12', change: fails(OWN, 304) },
  { name: 'failing partner3', from: '17:30', to: '18:10', change: fails('partner3.example', 302) },
  { name: 'failing partner4', from: '17:31', to: '19:10', change: fails('partner4.example', 201) },
  { name: 'failing partner5', from: '23:20', to: '24:40', change: fails('partner5.example', 204) },
];

/** One after the other, what each look told. */
interface Told {
  readonly atMs: number;
  readonly change: string;
  readonly name: string;
}

describe('A simulated day with twelve incidents among noise', () => {
  it('is watched: each is told within two minutes, and its end, and nothing else', { timeout: 300_000 }, async () => {
    const clock = new ManualClock('2026-11-11T12:00:00Z');
    const host = await WatchedHost.make(clock);
    const seeded = new SeededRandom(7);
    const random = (): number => seeded.below(1_000_000) / 1_000_000;
    await collectWeek(host);
    clock.set(`${DAY}T00:00:00Z`);
    await learnSilences(host);
    const { watch, store } = await host.watch({ ownDomains: [OWN] });
    const told: Told[] = [];
    const beginMs = clock.nowMs();
    for (let atMs = 0; atMs < DAY_MS + 2 * 3_600_000; atMs += STEP_MS) {
      clock.advance(STEP_MS);
      if (atMs === DAY_MS + MINUTE_MS) await host.closeDay();
      if (atMs % (3 * 3_600_000) === 0) await host.checkpoint();
      for (const session of sessionsAt(atMs, random)) host.see(session);
      await host.write();
      while (await watch.look());
      for (const { notice } of store.watch.read().pending) told.push(toldOf(notice.facts, clock.nowMs() - beginMs));
      await store.watch.changeInTurn((book) => ({ ...book, pending: [] }));
    }
    watch.close();
    store.watch.close();
    expect(lateOrMissing(told)).toEqual([]);
    expect(told.map(({ change, name }) => `${change} ${name}`).sort()).toEqual(
      incidents.flatMap(({ name }) => [`begun ${name}`, `over ${name}`]).sort(),
    );
    expect(LIMITS.mostNotices).toBe(10);
  });
});

async function collectWeek(host: WatchedHost): Promise<void> {
  for (let day = 0; day < 7; day += 1) {
    for (const domain of regular) {
      const [code] = broken.includes(domain) ? [201] : [];
      host.see({ domain, code, times: 2_000 });
      if (domain === 'shaky.example') host.see({ domain, code: 205, times: 500 });
    }
    host.clock.advance(DAY_MS);
    await host.closeDay();
  }
}

/** What a week of watching leaves: a quiet night, and traffic by day. */
async function learnSilences(host: WatchedHost): Promise<void> {
  const { store, watch } = await host.watch();
  const silentMs = Array.from({ length: 24 }, (_, hour) => (isNight(hour) ? 15 * MINUTE_MS : 20_000));
  const days = ['2026-11-15', '2026-11-16', '2026-11-17'].map((day) => ({ day, silentMs }));
  await store.watch.changeInTurn((book) => ({ ...book, days }));
  watch.close();
  store.watch.close();
}

function isNight(hour: number): boolean {
  return hour >= 1 && hour < 5;
}

function* sessionsAt(atMs: number, random: () => number): Generator<SeenSession> {
  const hour = Math.floor(atMs / 3_600_000) % 24;
  const share = isNight(hour) ? 0.002 : 0.9;
  const seen = [...regular, ...(isNight(hour) ? [] : busy)].filter(() => random() < share);
  const sessions = [...seen.map((domain) => usual(domain, random)), ...noise(atMs, random)];
  for (const session of sessions) {
    const changes = incidents.filter((one) => isWithin(one, atMs)).map(({ change }) => change(session.domain, random));
    if (changes.includes('none')) continue;
    yield changes.reduce<SeenSession>((all, change) => ({ ...all, ...(change === 'none' ? {} : change) }), session);
  }
}

function usual(domain: string, random: () => number): SeenSession {
  const mx = customers.includes(domain) ? `mx${domain.length.toString()}.big.example` : `mx.${domain}`;
  if (broken.includes(domain)) return { domain, mx, code: 201 };
  if (domain === 'shaky.example') return { domain, mx, code: random() < 0.2 ? 205 : undefined };
  return { domain, mx };
}

/** Strangers that come once, a domain that fails once, retries, and our own mail host's customers that fail otherwise. */
function* noise(atMs: number, random: () => number): Generator<SeenSession> {
  const by = (minutes: number): boolean => atMs % (minutes * MINUTE_MS) === 0;
  const night = isNight(Math.floor(atMs / 3_600_000) % 24);
  if (!night && by(2)) yield { domain: `stranger${String(Math.floor(random() * 1e9))}.example`, code: 204 };
  if (by(97)) yield { domain: 'partner9.example', code: 204 };
  const retried = (atMs / MINUTE_MS) % 240;
  if (retried === 60 || retried === 61) yield { domain: 'partner10.example', code: 201 };
  if (by(30)) yield { domain: 'rare.example', code: 203, reason: '\u202e<b>*x*</b>\r\nBcc: x' };
}

function isWithin({ from, to }: Planned, atMs: number): boolean {
  return atMs >= timeOf(from) && atMs < timeOf(to);
}

function timeOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}

function toldOf(facts: Readonly<Record<string, unknown>>, atMs: number): Told {
  const { change, incident, domain, wave } = facts as {
    change: string;
    incident: string;
    domain: string | null;
    wave: { site: string | null } | null;
  };
  const subject = incident === 'own-domain' ? domain : domain?.replace('.example', '');
  return { atMs, change, name: [incident, subject ?? [], wave?.site ?? []].flat().join(' ') };
}

/** Of each that was planned: told too late, or not at all. */
function lateOrMissing(told: readonly Told[]): string[] {
  return incidents.flatMap(({ name, from, to }) => {
    const begun = told.find((one) => one.name === name && one.change === 'begun' && one.atMs >= timeOf(from));
    const over = told.find((one) => one.name === name && one.change === 'over' && one.atMs >= timeOf(to));
    const isInTime = begun !== undefined && begun.atMs - timeOf(from) <= WITHIN_MS + STEP_MS;
    return isInTime && over ? [] : [`${name} from ${from}: ${JSON.stringify([begun, over])}`];
  });
}
