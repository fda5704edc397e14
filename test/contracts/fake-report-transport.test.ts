/** The fake that send is tested with keeps the same contract as the real transports. */
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { describeReportTransport } from '#test/contracts/report-transport.contract.ts';
import type { PeerBehaviour } from '#test/contracts/report-transport.contract.ts';
import { FakeReportTransport } from '#test/support/fake-report-transport.ts';

const ANSWERS: Record<PeerBehaviour, DeliveryOutcome> = {
  accept: { kind: 'delivered', reply: '250 Ok' },
  temporary: { kind: 'deferred', reply: '450 greylisted' },
  final: { kind: 'refused', reply: '550 no such user' },
  absent: { kind: 'deferred', reply: 'connection refused' },
  silent: { kind: 'deferred', reply: 'no answer' },
};

describeReportTransport('FakeReportTransport', async (peer) => {
  const transport = new FakeReportTransport(() => ANSWERS[peer]);
  return {
    transport,
    address: { scheme: 'mailto', uri: 'mailto:tls@good.example', mailbox: 'tls@good.example', host: 'good.example' },
    received: async () => transport.accepted,
    stop: () => Promise.resolve(),
  };
});
