import { systemClock } from '#support/clock.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import { describeDatagramReceiver } from './datagram-receiver.contract.ts';

describeDatagramReceiver('The fake', () => {
  const receiver = new FakeReceiver();
  const send = (datagrams: readonly Buffer[]): void => {
    for (const bytes of datagrams) receiver.arrive(bytes, systemClock.nowMs());
  };
  return Promise.resolve({ receiver, send });
});
