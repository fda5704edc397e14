import { systemClock } from '#support/clock.ts';
import { FakeReceiver } from '#test/support/fake-receiver.ts';
import { describeReceiver } from './receiver.contract.ts';

describeReceiver('The fake', () => {
  const receiver = new FakeReceiver();
  const send = (datagrams: readonly Buffer[]): void => {
    for (const bytes of datagrams) receiver.arrive(bytes, systemClock.nowMs());
  };
  return Promise.resolve({ receiver, send });
});
