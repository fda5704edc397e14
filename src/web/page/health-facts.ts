/**
 * What `status --health --json` says, as pages show it.
 */
import { z } from 'zod';
import type { SharedAnswer } from '#web/shared-reading.ts';

const runShape = z.object({ ended: z.string(), exitCode: z.number() });
const shape = z.object({
  healthy: z.boolean(),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
  collector: z.object({ running: z.boolean().nullable(), holder: z.string().optional() }),
  lastDatagram: z.string().nullable(),
  runs: z.object({ report: runShape.nullable(), send: runShape.nullable() }),
});

export type HealthFacts = z.output<typeof shape>;

/** Undefined while it is not known, or could not be read. */
export function healthFactsIn(answer: SharedAnswer | undefined): HealthFacts | undefined {
  const text = answer === undefined || answer.kind === 'failed' ? undefined : answer.text;
  if (text === undefined) return undefined;
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
