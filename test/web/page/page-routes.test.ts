import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CollectedDays } from '#test/support/collected-days.ts';
import { documentWith } from '#test/support/inbound-documents.ts';
import { entryToPack } from '#test/support/inbound-entries.ts';
import { documentAbout } from '#test/support/noticed-reports.ts';
import { makeShownState, showState, SHOWN_TODAY } from '#test/support/shown-state.ts';
import type { Store } from '#store/store.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';

type Ask = (path: string) => Promise<{ readonly status: number; readonly type: string; readonly text: string }>;

async function serve(store: Store, health?: object): Promise<Ask> {
  const server = await showState(store, health);
  onTestFinished(() => server.stop());
  return async (path) => {
    const response = await fetch(server.url + path);
    return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
  };
}

/** As a reader sees it. */
function textOf(page: string): string {
  return page
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ');
}

let shown: Store;
const root = mkdtempSync(join(tmpdir(), 'tlsrpt-page-'));
beforeAll(async () => {
  shown = await makeShownState(root);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const PATHS = [
  '/',
  '/seen',
  '/domain?name=a.example',
  '/delivered',
  '/report?id=x',
  '/heard',
  '/search',
  '/search?q=x',
];
const FILES = ['/seen', '/domain', '/delivered', '/heard'].flatMap((path) => [`${path}.csv`, `${path}.json`]);

describe('Today', () => {
  it('says whether all parts work, what came, and what began to fail today', async () => {
    const ask = await serve(shown);
    const text = textOf((await ask('/')).text);
    expect(text).toContain('All parts work.');
    expect(text).toContain('Last datagram 1 minute ago');
    expect(text).toContain('Deliveries that wait 1');
    expect(text).toContain('customer.example new 9');
    expect(text).toMatch(/partner\.example 25 29\.4 %/);
    expect(text).toContain('certificate-not-trusted: what it means');
    expect(text).toContain('tlsrpt check customer.example');
  });

  it('says what is wrong, in the words of status', async () => {
    const problems = [{ code: 'collector-not-running', message: 'No collector runs on this state directory.' }];
    const ask = await serve(shown, {
      healthy: false,
      problems,
      collector: { running: false },
      lastDatagram: null,
      runs: { report: null, send: { started: '', ended: '2026-11-19T14:30:00Z', exitCode: 69 } },
    });
    const text = textOf((await ask('/')).text);
    expect(text).toContain('Something does not work: collector-not-running : No collector runs');
    expect(text).toContain('Last send run failed 1 day ago');
    expect(text).toContain('Last report run never');
  });

  it('says that nothing is known of the parts where that cannot be read', async () => {
    const ask = await serve(shown, { odd: true });
    expect(textOf((await ask('/')).text)).toContain('How the parts fare is not known yet');
  });
});

describe('What we saw', () => {
  it('has the sums of the period, and the worst domains, with links that keep it', async () => {
    const ask = await serve(shown);
    const { text } = await ask('/seen?days=3&to=2026-11-19');
    expect(textOf(text)).toContain('The domains with most failures, of the 100 of each day with most');
    expect(textOf(text)).toMatch(/partner\.example 69 /);
    expect(text).toContain('/domain?name=partner.example&#38;days=3&#38;to=2026-11-19');
    expect(text).toContain('/seen.csv?days=3&#38;to=2026-11-19');
  });

  it('has a page for each domain, with policies, failures, the check to run, and our reports', async () => {
    const ask = await serve(shown);
    const text = textOf((await ask('/domain?name=Partner.Example.')).text);
    expect(text).toContain('certificate-expired (no-policy-found)');
    expect(text).toContain('192.0.2.7');
    expect(text).toContain('tlsrpt check partner.example');
    expect(text).toContain('https://reports.partner.example/v1/tlsrpt delivered 201');
  });
});

describe('Delivered', () => {
  it('has the deliveries by state, why some failed, and what waits', async () => {
    const ask = await serve(shown);
    const text = textOf((await ask('/delivered')).text);
    expect(text).toContain('Reports 42');
    expect(text).toContain('Refused 13');
    expect(text).toMatch(/user unknown refused 13 gone\.example/);
    expect(text).toMatch(
      /gone\.example 2026-11-19 mailto:nobody@gone\.example 1 2026-11-20 15:30 451 4\.3\.0 try again later/,
    );
  });

  it('leads to each report, and says that there is none of another name', async () => {
    const ask = await serve(shown);
    const report = await ask('/report?id=2026-11-18-gone.example%40sender.example');
    expect(textOf(report.text)).toContain('"organization-name"');
    expect((await ask('/report?id=2026-11-18-nothing')).status).toBe(404);
    expect((await ask('/report')).status).toBe(404);
  });
});

describe('What others saw of us', () => {
  it('has reporters and failures with what they mean, and both views of a day', async () => {
    const ask = await serve(shown);
    const text = textOf((await ask('/heard?day=2026-11-17')).text);
    expect(text).toMatch(/Large Mail reporter\.example 14 /);
    expect(text).toMatch(/A University not shown 14 /);
    expect(text).toMatch(/certificate-expired a\.example sts 177 2026-11-17/);
    expect(text).toContain('tlsrpt check a.example');
    expect(text).toContain('Both views of 2026-11-17');
  });
});

describe('Search', () => {
  it('finds domains, reporters and reports', async () => {
    const ask = await serve(shown);
    expect(textOf((await ask('/search?q=custom')).text)).toContain('Domains with failures customer.example');
    expect(textOf((await ask('/search?q=large')).text)).toContain('Reporters about us Large Mail');
    expect((await ask('/search?q=2026-11-18-gone.example@sender.example')).text).toContain(
      '/report?day=2026-11-18&#38;id=',
    );
    expect(textOf((await ask('/search?q=none.example')).text)).toContain(
      'No failure, no reporter and no report of that name.',
    );
  });
});

describe('What can be taken along', () => {
  it('is what the page shows, as CSV and JSON, in a file with a name of its own', async () => {
    const server = await showState(shown);
    onTestFinished(() => server.stop());
    const response = await fetch(`${server.url}/seen.csv?days=1`);
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="tlsrpt-seen-2026-11-20-2026-11-20.csv"',
    );
    const text = await response.text();
    expect(text).toMatch(/^day,policy-type,successful,failed,result-type,failures,domain\r\n/);
    expect(text).toContain('2026-11-20,,60,25,,,partner.example\r\n');
    const json = await (await fetch(`${server.url}/domain.json?name=partner.example&days=1`)).json();
    expect(json).toMatchObject({
      domain: 'partner.example',
      days: [{ day: '2026-11-20', successful: 60, failed: 25 }],
    });
  });
});

const HOSTILE = '<img src=x onerror=alert(1)>"\'`=\u202e\u0000\u001b[2J';

describe('What strangers wrote', () => {
  it('is text on every page, and no formula in a spreadsheet', async () => {
    const days = await CollectedDays.make();
    const details = { c: 204, r: HOSTILE, h: HOSTILE, n: HOSTILE, i: HOSTILE.repeat(2_000), e: HOSTILE };
    const policy = {
      'policy-type': 2,
      'policy-domain': HOSTILE,
      'policy-string': [HOSTILE],
      'mx-host': [HOSTILE],
      'failure-details': [details],
      f: 1,
    };
    const datagram = { dpv: '1', d: 'a.example', pr: HOSTILE, policies: [policy] };
    const named = { ...datagram, d: '=cmd<b>.example' };
    days.collect(
      [datagram, named].map((each) => Buffer.from(JSON.stringify(each))),
      { day: SHOWN_TODAY },
    );
    const day = daysBefore(SHOWN_TODAY, 1);
    const document = documentWith(
      {
        policy: { 'policy-type': HOSTILE, 'policy-domain': HOSTILE },
        'failure-details': [{ 'result-type': HOSTILE, 'failed-session-count': 1 }],
      },
      { ...documentAbout(day, 1), policies: undefined, 'organization-name': HOSTILE.repeat(3_000) },
    );
    const entry = {
      ...document,
      policies: documentWith({ policy: { 'policy-type': HOSTILE, 'policy-domain': HOSTILE } })['policies'],
    };
    await days.store.inbound.save(
      [days.store.inbound.pack(entryToPack({ document: entry, place: { day }, periodDay: day }))],
      (problem) => {
        throw problem;
      },
    );
    const ask = await serve(days.store);
    const query = encodeURIComponent(HOSTILE);
    for (const path of [
      ...PATHS,
      `/search?q=${query}`,
      `/domain?name=${query}`,
      `/heard?day=${query}&to=${query}&days=${query}`,
      `/report?id=2026-11-19${query}`,
    ]) {
      const { text } = await ask(path);
      expect(text.length).toBeLessThan(200_000);
      expect(text).not.toMatch(/<img|<b>|onerror=alert\(1\)>|[\p{Bidi_Control}\0\u001b]/u);
    }
    for (const path of FILES) expect((await ask(`${path}?name=a.example`)).text).not.toMatch(/^[^"]*,[=+@-][a-z]/mu);
  });

  it('leads nowhere: no path but those that there are, and nothing is changed', async () => {
    const server = await showState(shown);
    onTestFinished(() => server.stop());
    const before = (['sessions', 'outbox', 'inbound'] as const).map((of) => [...shown.versions(of)]);
    for (const path of [
      '/../etc/passwd',
      '/%2e%2e/identity',
      '/seen/',
      '//',
      '/seen.csv/x',
      '/style.css%00',
      '/identity',
      '/sessions/2026-11-20.sqlite',
    ])
      expect((await fetch(server.url + path)).status).toBe(404);
    for (const path of [...PATHS, ...FILES])
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
        expect((await fetch(server.url + path, { method })).status).toBe(405);
    for (const path of [...PATHS, ...FILES]) await fetch(server.url + path);
    expect((['sessions', 'outbox', 'inbound'] as const).map((of) => [...shown.versions(of)])).toEqual(before);
    expect((await fetch(`${server.url}/search?q=${'x'.repeat(20_000)}`)).status).toBe(431);
  });
});

describe('Pages of an empty state directory', () => {
  it('are there, and say that nothing is', async () => {
    const ask = await serve((await CollectedDays.make()).store);
    for (const path of PATHS) expect([path, (await ask(path)).type]).toEqual([path, 'text/html; charset=utf-8']);
    for (const path of FILES) expect([path, (await ask(path)).status]).toEqual([path, 200]);
    expect(textOf((await ask('/')).text)).toContain('Nothing was seen yet today.');
  });
});
