/**
 * What monitoring and containers ask for: `/metrics`, `/healthz` and `/readyz`.
 */
import { z } from 'zod';
import { plainText } from './route.ts';
import type { Answer, Route } from './route.ts';
import { formatServerMetrics } from './metrics/server-metrics.ts';
import type { SharedAnswer } from './shared-reading.ts';

export interface StateReadings {
  /** The metrics of the state directory, as `status --prometheus -` prints them. */
  readonly metrics: () => Promise<SharedAnswer>;
  /** What `status --health --json` prints. */
  readonly health: () => Promise<SharedAnswer>;
  /** How often each status was answered to who posts reports; undefined where none are taken. */
  readonly posted?: (() => ReadonlyMap<number, number>) | undefined;
}

/** What Prometheus calls its text format. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const healthShape = z.object({ healthy: z.boolean(), problems: z.array(z.object({ code: z.string() })) });

export function stateRoutes({ metrics, health, posted }: StateReadings): Route[] {
  return [
    { path: '/metrics', answer: async () => metricsAnswer(await metrics(), posted?.()) },
    { path: '/healthz', answer: async () => healthAnswer(await health()) },
    { path: '/readyz', answer: async () => readyAnswer(await health()) },
  ];
}

/** That nothing could be read is a number as well, so that a rule finds it. */
async function metricsAnswer(answer: SharedAnswer, posted?: ReadonlyMap<number, number>): Promise<Answer> {
  const text = answer.kind === 'failed' ? '' : (answer.text ?? '');
  const own = await formatServerMetrics(answer.kind, posted);
  return { status: 200, contentType: METRICS_TYPE, text: text === '' ? own : `${text}\n${own}` };
}

/** As `status --health` ends: 200 with 0. Which problems there are, but nothing of where. */
function healthAnswer(answer: SharedAnswer): Answer {
  const health = healthIn(answer);
  if (!health) return unknown(answer);
  if (health.healthy) return plainText(200, 'healthy\n');
  return plainText(503, health.problems.map(({ code }) => `${code}\n`).join(''));
}

/** Whether the state directory can be read, whatever is wrong with it. */
function readyAnswer(answer: SharedAnswer): Answer {
  return healthIn(answer) ? plainText(200, 'ready\n') : unknown(answer);
}

function healthIn(answer: SharedAnswer): z.output<typeof healthShape> | undefined {
  if (answer.kind !== 'read') return undefined;
  try {
    return healthShape.safeParse(JSON.parse(answer.text)).data;
  } catch {
    return undefined;
  }
}

function unknown({ kind }: SharedAnswer): Answer {
  return plainText(503, kind === 'late' ? 'state-read-late\n' : 'state-not-read\n');
}
