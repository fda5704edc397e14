/** The fake that report is tested with keeps the same contract as the real look-ups. */
import { describeTlsrptRecords } from '#test/contracts/tlsrpt-records.contract.ts';
import { FakeRecords } from '#test/support/fake-records.ts';

describeTlsrptRecords('FakeRecords', async (zone) => ({
  records: new FakeRecords(zone),
  stop: () => Promise.resolve(),
}));
