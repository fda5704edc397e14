/**
 * `npm run simulate -- --seeds N [--from S]`: so many lives of a collector, each decided by its seed. `--seed S`: one, with its trace.
 *
 * Ends with 1 when something that must be true is not; prints the seed, which repeats it exactly.
 */
import { parseArgs } from 'node:util';
import { simulate } from '#test/support/simulation/simulate.ts';
import type { SimulationResult } from '#test/support/simulation/simulate.ts';

const LINES_TOLD = 12;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '50' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});

function tell({ seed, failure, trace }: SimulationResult, lines: number): void {
  const told = [...trace.slice(-lines), failure === undefined ? `seed ${String(seed)}: all is well` : failure];
  process.stdout.write(`${told.join('\n')}\n`);
  if (failure !== undefined) process.stdout.write(`repeat it: npm run simulate -- --seed ${String(seed)}\n\n`);
}

async function simulateMany(from: number, seeds: number): Promise<number> {
  let failed = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const result = await simulate(seed);
    if (result.failure === undefined) continue;
    failed += 1;
    tell(result, LINES_TOLD);
  }
  process.stdout.write(`${String(seeds)} seeds from ${String(from)} on, ${String(failed)} failed\n`);
  return failed;
}

async function simulateOne(seed: number): Promise<number> {
  const result = await simulate(seed);
  tell(result, Infinity);
  return result.failure === undefined ? 0 : 1;
}

const failed =
  values.seed === undefined
    ? await simulateMany(Number(values.from), Number(values.seeds))
    : await simulateOne(Number(values.seed));
process.exitCode = failed > 0 ? 1 : 0;
