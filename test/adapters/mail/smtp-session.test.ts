import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { SmtpSession } from '#adapters/mail/smtp-session.ts';
import { startScriptedRelay } from './scripted-relay.ts';
import type { ScriptedRelay } from './scripted-relay.ts';

const MAIL = Buffer.from('Subject: a report\r\n\r\nbody\r\n');
const ENVELOPE = { from: 'tlsrpt@sender.example', to: 'tls@good.example' };
const relays: ScriptedRelay[] = [];

afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.close();
});

/** With the socket that it has on our side. */
async function openSession(script: Parameters<typeof startScriptedRelay>[0]): Promise<[SmtpSession, Socket]> {
  const relay = await startScriptedRelay(script);
  relays.push(relay);
  const at = { host: '127.0.0.1', port: relay.port };
  const sockets: Socket[] = [];
  const note = (message: unknown): unknown => sockets.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', note);
  try {
    const session = await SmtpSession.open({ relay: { ...at, timeoutMs: 20_000 }, connection: at });
    return [session, sockets[0] as Socket];
  } finally {
    unsubscribe('net.client.socket', note);
  }
}

describe('A session', () => {
  it('that the server has half closed is over once a mail has found that out, so nothing comes back to it', async () => {
    const [session, socket] = await openSession({ dot: (server) => server.end('250 queued\r\n') });
    const halfClosed = once(socket, 'end');
    expect((await session.send(MAIL, ENVELOPE)).kind).toBe('taken');
    await halfClosed;
    expect((await session.send(MAIL, ENVELOPE)).kind).toBe('session-over');
    expect(session.isOpen).toBe(false);
  });
});
