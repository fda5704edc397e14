/**
 * What Node.js does where no process can be started: it hands out one without pipes and emits the error, or it throws.
 */
import { ChildProcess } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { sendmailTransport } from '#adapters/mail/sendmail-transport.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';

const ADDRESS: ReportingAddress = {
  scheme: 'mailto',
  uri: 'mailto:tls@good.example',
  mailbox: 'tls@good.example',
  host: 'good.example',
};
const spawn = vi.hoisted(() => vi.fn());

vi.mock(import('node:child_process'), async (original) => ({ ...(await original()), spawn }));

describe('a mail for the sendmail command is deferred', () => {
  const transport = sendmailTransport({ words: ['/bin/true'], from: 'a@mx.example', timeoutMs: 10_000, now: () => 0 });
  const waiting = (why: string): unknown => ({
    kind: 'deferred',
    isOurs: true,
    reply: `/bin/true cannot be run: ${why}`,
  });

  it('while no descriptors are left for its pipes', async () => {
    spawn.mockImplementation(() => {
      const command = new ChildProcess();
      process.nextTick(() => command.emit('error', new Error('spawn EMFILE')));
      return command;
    });
    expect(await transport.deliver(reportWithId('id-1@sender.example'), ADDRESS)).toEqual(waiting('spawn EMFILE'));
  });

  it('while there is no memory for it', async () => {
    spawn.mockImplementation(() => {
      throw new Error('spawn ENOMEM');
    });
    expect(await transport.deliver(reportWithId('id-1@sender.example'), ADDRESS)).toEqual(waiting('spawn ENOMEM'));
  });
});
