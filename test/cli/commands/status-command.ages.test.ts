import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CollectedDays } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { run } from '#test/support/run-program.ts';

describe('tlsrpt status on a state directory of which nobody knows how old its days are', () => {
  it('says so, and what is in the way', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'good.example' })]);
    mkdirSync(join(days.store.path, 'day-ages.json'));
    mkdirSync(join(days.store.path, 'inbound'));
    writeFileSync(join(days.store.path, 'inbound', 'day-ages.json'), '{');
    const { code, stderr } = await run(['status'], { stateDir: days.store.path });
    expect([code, stderr.split('\n')]).toEqual([
      0,
      [
        expect.stringMatching(
          /warning day-ages-unknown: .*stay for longer: .*\/day-ages.json cannot be read.*move that aside/,
        ),
        expect.stringMatching(/warning day-ages-unknown: .*\/inbound\/day-ages.json cannot be read/),
        '',
      ],
    ]);
  });
});
