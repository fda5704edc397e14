import { describe, expect, it } from 'vitest';
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

async function dayOf(...datagrams: readonly Buffer[]): Promise<SessionDayReader> {
  const days = await CollectedDays.make();
  days.collect(datagrams);
  const reader = days.store.sessions.read(DAY);
  if (!reader) throw new Error('there is no day');
  return reader;
}

const failing = (domain: string, ...codes: readonly number[]): Buffer =>
  makeDatagram({ domain, failures: codes.map((code) => ({ code })) });

describe('The failing domains of a day', () => {
  it('come worst first, with all their sessions and the result types of those that failed', async () => {
    const reader = await dayOf(
      makeDatagram({ domain: 'good.example' }),
      makeDatagram({ domain: 'worse.example' }),
      failing('bad.example', 204),
      failing('worse.example', 204),
      failing('worse.example', 201),
      failing('worse.example', 201),
    );
    const { worst, count } = reader.failingDomains(10);
    expect(worst).toEqual([
      {
        domain: 'worse.example',
        successful: 1,
        failed: 3,
        failures: [
          { resultType: 'starttls-not-supported', sessions: 2 },
          { resultType: 'certificate-expired', sessions: 1 },
        ],
      },
      {
        domain: 'bad.example',
        successful: 0,
        failed: 1,
        failures: [{ resultType: 'certificate-expired', sessions: 1 }],
      },
    ]);
    expect(count).toBe(2);
    reader.close();
  });

  it('are no more than asked for, and in the order of their names where they are alike', async () => {
    const reader = await dayOf(failing('c.example', 204), failing('a.example', 204), failing('b.example', 204));
    const { worst, count } = reader.failingDomains(2);
    expect(worst.map(({ domain }) => domain)).toEqual(['a.example', 'b.example']);
    expect(count).toBe(3);
    reader.close();
  });
});
