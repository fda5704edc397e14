import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Answer } from '#web/route.ts';
import { stateRoutes } from '#web/state-routes.ts';
import type { SharedAnswer } from '#web/shared-reading.ts';
import { has } from '#test/support/real-parts.ts';

const METRIC = '# HELP tlsrpt_domains Domains.\n# TYPE tlsrpt_domains gauge\ntlsrpt_domains 2\n';
const FAILED: SharedAnswer = { kind: 'failed', why: 'it took longer than 60 s' };

function healthOf(...codes: readonly string[]): SharedAnswer {
  const problems = codes.map((code) => ({ code, message: '/var/lib/tlsrpt is secret' }));
  return { kind: 'read', text: JSON.stringify({ healthy: codes.length === 0, problems }) };
}

function ask(path: string, answer: SharedAnswer, posted?: ReadonlyMap<number, number>): Promise<Answer> | undefined {
  const read = (): Promise<SharedAnswer> => Promise.resolve(answer);
  return stateRoutes({ metrics: read, health: read, posted: posted && (() => posted) })
    .find((route) => route.path === path)
    ?.answer(new URLSearchParams());
}

describe('/metrics', () => {
  it('is what was read, and that it was', async () => {
    const answer = await ask('/metrics', { kind: 'read', text: METRIC });
    expect(answer).toMatchObject({ status: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8' });
    expect(answer?.text).toMatch(/^# HELP tlsrpt_domains /);
    expect(answer?.text).toContain(
      'tlsrpt_scrape_problem{problem="failed"} 0\ntlsrpt_scrape_problem{problem="late"} 0',
    );
  });

  it('says that nothing could be read, and ends nothing', async () => {
    const answer = await ask('/metrics', FAILED);
    expect(answer?.status).toBe(200);
    expect(answer?.text).toContain('tlsrpt_scrape_problem{problem="failed"} 1');
    expect(answer?.text).not.toContain('60 s');
  });

  it('says what was answered to who posts reports, where they are taken', async () => {
    const answer = await ask('/metrics', FAILED, new Map([[201, 7]]));
    expect(answer?.text).toContain('tlsrpt_posted_reports_total{status="200"} 0\n');
    expect(answer?.text).toContain('tlsrpt_posted_reports_total{status="201"} 7\n');
    expect((await ask('/metrics', FAILED))?.text).not.toContain('posted_reports');
  });

  it('says that the numbers are not new', async () => {
    const answer = await ask('/metrics', { kind: 'late', text: METRIC });
    expect(answer?.text).toContain('tlsrpt_domains 2');
    expect(answer?.text).toContain('tlsrpt_scrape_problem{problem="late"} 1');
  });

  it.runIf(has('promtool'))('is to the taste of promtool, whatever could be read', async () => {
    for (const read of [{ kind: 'read', text: METRIC }, FAILED, { kind: 'late', text: undefined }] as SharedAnswer[]) {
      const input = (await ask('/metrics', read))?.text;
      const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  });
});

describe('/healthz', () => {
  it('is well when status --health is', async () => {
    expect(await ask('/healthz', healthOf())).toMatchObject({ status: 200, text: 'healthy\n' });
  });

  it('names what is wrong, and nothing of where', async () => {
    const answer = await ask('/healthz', healthOf('collector-not-running', 'last-run-failed'));
    expect(answer).toMatchObject({ status: 503, text: 'collector-not-running\nlast-run-failed\n' });
  });

  it.each([
    [FAILED, 'state-not-read\n'],
    [{ kind: 'late', text: undefined }, 'state-read-late\n'],
    [{ kind: 'read', text: 'half of {"healthy"' }, 'state-not-read\n'],
  ] as [SharedAnswer, string][])('is not well when nothing is known: %j', async (answer, text) => {
    expect(await ask('/healthz', answer)).toMatchObject({ status: 503, text });
  });
});

describe('/readyz', () => {
  it('is ready once the state directory can be read, whatever is wrong with it', async () => {
    expect(await ask('/readyz', healthOf('last-run-failed'))).toMatchObject({ status: 200, text: 'ready\n' });
    expect(await ask('/readyz', FAILED)).toMatchObject({ status: 503, text: 'state-not-read\n' });
  });
});
