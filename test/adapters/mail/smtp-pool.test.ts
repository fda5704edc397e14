import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { smtpTransport } from '#adapters/mail/smtp-transport.ts';
import type { SmtpOptions } from '#adapters/mail/smtp-transport.ts';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';
import { startScriptedRelay } from './scripted-relay.ts';
import type { ScriptedRelay } from './scripted-relay.ts';

const TOO_MANY = '421 4.7.0 too many connections\r\n';
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

type Script = Parameters<typeof startScriptedRelay>[0];

/** Gives so many mails at once to a relay that plays by the script. */
async function deliver(
  mails: number,
  script: Script,
  options: Partial<SmtpOptions> = {},
): Promise<[ScriptedRelay, DeliveryOutcome[]]> {
  const relay = await startScriptedRelay(script);
  const transport = smtpTransport({
    url: `smtp://127.0.0.1:${String(relay.port)}`,
    from: 'tlsrpt@sender.example',
    timeoutMs: 20_000,
    maxConnections: 10,
    now: () => 0,
    ...options,
  });
  open.push(relay, transport);
  const outcomes = Array.from({ length: mails }, (_, index) =>
    transport.deliver(reportWithId('id-1@sender.example'), addressAt(`host-${String(index)}.example`)),
  );
  return [relay, await Promise.all(outcomes)];
}

function addressAt(host: string): ReportingAddress {
  return { scheme: 'mailto', uri: `mailto:tls@${host}`, mailbox: `tls@${host}`, host };
}

function takingNoMoreThan(most: number): (socket: Socket, openConnections: number) => void {
  return (socket, openConnections) => {
    if (openConnections > most) socket.end(TOO_MANY);
    else socket.write('220 relay.example\r\n');
  };
}

describe('A mail server', () => {
  it('that takes fewer connections than there may be gets all mails over those', async () => {
    const [relay, outcomes] = await deliver(30, { greeting: takingNoMoreThan(2) });
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(30).fill('delivered'));
    expect(relay.mails).toHaveLength(30);
    expect(relay.connections()).toBeLessThanOrEqual(10);
  });

  it('that takes more of them after a while is given more', async () => {
    let [limit, most, mails] = [2, 0, 0];
    const [, outcomes] = await deliver(300, {
      greeting: (socket, openConnections) => {
        if (openConnections <= limit) most = Math.max(most, openConnections);
        takingNoMoreThan(limit)(socket, openConnections);
      },
      dot: (socket) => {
        mails += 1;
        if (mails === 50) limit = 10;
        socket.write('250 queued\r\n');
      },
    });
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(300).fill('delivered'));
    expect(most).toBeGreaterThan(2);
  });

  it('that takes none is our trouble, and is asked once for each mail', async () => {
    const [relay, outcomes] = await deliver(10, { greeting: takingNoMoreThan(0) });
    const reply = '421 4.7.0 too many connections (in reply to the connection)';
    expect(outcomes).toEqual(Array(10).fill({ kind: 'deferred', isOurs: true, reply }));
    expect(relay.connections()).toBe(10);
  });

  it('that ends a session after each mail gets the next one over another', async () => {
    const used = new WeakSet<Socket>();
    const [relay, outcomes] = await deliver(
      4,
      {
        MAIL: (socket) => {
          if (used.has(socket)) socket.end('421 4.3.2 enough\r\n');
          else socket.write('250 ok\r\n');
          used.add(socket);
        },
      },
      { maxConnections: 1 },
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(4).fill('delivered'));
    expect(relay.mails).toHaveLength(4);
  });

  it('whose only connection is held up keeps no mail waiting for long', async () => {
    const silent = { greeting: takingNoMoreThan(1), RCPT: () => undefined };
    const [, outcomes] = await deliver(5, silent, { timeoutMs: 300 });
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(5).fill('deferred'));
  });
});
