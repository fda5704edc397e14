import { describeNameService } from '#test/contracts/name-service.contract.ts';
import { fakeSendersView } from '#test/support/fake-senders-view.ts';

describeNameService('fakeSendersView', async (zone, isValidating) => ({
  names: fakeSendersView({ zone, isValidating }).names,
  stop: () => Promise.resolve(),
}));
