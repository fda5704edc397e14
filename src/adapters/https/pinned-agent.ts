/**
 * An https.Agent that connects to one checked destination, whatever name the request carries.
 *
 * Server name and certificate check are those of the URL. Connections are not kept: each attempt is checked anew.
 */
import { Agent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { checkServerIdentity, createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { bareHost } from './connect-to.ts';
import type { Destination } from './find-destination.ts';

/** Before the next address of a host is tried; the 250 ms that Node waits is short for a distant server. */
const ADDRESS_PATIENCE_MS = 2_000;

export function pinnedAgent(url: URL, destination: Destination, trust: SecureContext): Agent {
  const name = bareHost(url.hostname);
  return new Agent({
    host: destination.host,
    port: destination.port,
    lookup: answerWith(destination),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_PATIENCE_MS,
    // RFC 6066 3: an address is no server name.
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    secureContext: trust,
    rejectUnauthorized: true,
    keepAlive: false,
  });
}

function answerWith({ addresses }: Destination): LookupFunction {
  return (_host, { all }, answer) => {
    if (all === true) answer(null, [...addresses]);
    else answer(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
}

/** Made once, since reading the roots takes longer than a handshake. */
export function trustContext(ca: string | undefined): SecureContext {
  return ca === undefined ? createSecureContext() : createSecureContext({ ca: [...rootCertificates, ca] });
}
