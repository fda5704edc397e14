import { expect, it } from 'vitest';
import { adoptReports } from '#pipeline/report/adopt-reports.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { deliveriesOn } from '#test/support/sys4-installation.ts';

const delivered = {
  policyDomain: 'a.example',
  reportId: 'one@sender.example',
  submitter: { organizationName: 'Sender', contactInfo: 'tls@sender.example' },
  uniqueId: '001',
  document: '{}',
  policies: [],
  deliveries: [
    {
      destination: 'mailto:tls@a.example',
      state: 'delivered',
      attempts: 1,
      lastResult: 'delivered by another program',
    },
  ],
} as const;

it('Reports of another program wait until whoever is at work on the outbox of their day lets go of it', async () => {
  const { store } = await CollectedDays.make();
  const outbox = store.outboxes.open(DAY);
  const adopting = adoptReports(store, DAY, { reports: [delivered], nowMs: MORNING_MS });
  outbox.close();
  expect(await adopting).toBe(1);
  expect(await deliveriesOn(store.path, DAY)).toEqual(['mailto:tls@a.example delivered']);
});
