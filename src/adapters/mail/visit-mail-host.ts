/**
 * Meets a mail server as a sender does, implementing the port of check: EHLO, STARTTLS, the handshake, QUIT, and no mail (RFC 3207).
 *
 * Whatever certificate the server shows is taken, to be looked at. The time is for the visit as a whole.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, createSecureContext, rootCertificates } from 'node:tls';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { Encrypted, MailHostVisitor, Visit, Visited } from '#pipeline/check/mail-host-visitor.ts';
import { messageOf } from '#support/problem.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';
import { readShownCertificates } from './read-shown-certificates.ts';
import { SmtpDialogue } from './smtp-dialogue.ts';
import type { SmtpReply } from './smtp-dialogue.ts';

export interface VisitorOptions {
  /** What EHLO says: a host name, or an address in brackets. */
  readonly helloName: string;
  readonly timeoutMs: number;
  /** PEM: authorities that are trusted beside those that Node.js brings. */
  readonly ca?: string | undefined;
}

const GREETING = 220;
const COMPLETED = 250;
const READY_FOR_TLS = 220;
/** RFC 5321 4.2.4: by which a server says that it knows no EHLO. With others it wants nothing of us, whatever we would say. */
const NOT_UNDERSTOOD = [500, 502];
const MAX_WORDS_LENGTH = 200;
const QUIT_PATIENCE_MS = 1_000;

export function mailHostVisitor({ helloName, timeoutMs, ca }: VisitorOptions): MailHostVisitor {
  const trust = createSecureContext(ca === undefined ? {} : { ca: [...rootCertificates, ca] });
  return {
    async visit(visited) {
      const socket = connect(visited.port, visited.address);
      const timer = setTimeout(() => {
        socket.destroy(new Error('no answer in time'));
      }, timeoutMs);
      try {
        return await visitOn(socket, { visited, helloName, trust });
      } finally {
        clearTimeout(timer);
        socket.destroy();
      }
    },
  };
}

interface Means {
  readonly visited: Visited;
  readonly helloName: string;
  readonly trust: SecureContext;
}

async function visitOn(socket: Socket, means: Means): Promise<Visit> {
  const dialogue = new SmtpDialogue(socket);
  const inClear = await startTls(dialogue, means.helloName);
  socket.on('error', () => undefined); // whoever waits is told
  if (inClear) return inClear;
  const early = dialogue.leave();
  // RFC 3207 6: what comes in clear must not be taken for a reply that was encrypted.
  if (early !== '') return { kind: 'tls-failed', why: 'it said more in clear after its answer to STARTTLS' };
  try {
    const secure = await shakeHands(socket, means);
    const encrypted = lookAt(secure);
    await sayGoodbye(secure);
    return encrypted;
  } catch (error) {
    return { kind: 'tls-failed', why: wordsOf(error) };
  }
}

/** Undefined once the server waits for the handshake. */
async function startTls(dialogue: SmtpDialogue, helloName: string): Promise<Visit | undefined> {
  try {
    const greeting = await dialogue.hear();
    if (greeting.code !== GREETING) return { kind: 'unreachable', why: `it greets with ${quote(greeting)}` };
    const hello = await dialogue.ask(`EHLO ${helloName}`);
    if (hello.code !== COMPLETED)
      return {
        kind: NOT_UNDERSTOOD.includes(hello.code) ? 'no-starttls' : 'unreachable',
        why: `it answers EHLO with ${quote(hello)}`,
      };
    const isOffered = hello.lines.slice(1).some((line) => line.trim().toUpperCase() === 'STARTTLS');
    if (!isOffered) {
      await quitIn(dialogue);
      return { kind: 'no-starttls', why: 'it does not offer STARTTLS' };
    }
  } catch (error) {
    return { kind: 'unreachable', why: wordsOf(error) };
  }
  try {
    const ready = await dialogue.ask('STARTTLS');
    return ready.code === READY_FOR_TLS
      ? undefined
      : { kind: 'no-starttls', why: `it answers STARTTLS with ${quote(ready)}` };
  } catch (error) {
    return { kind: 'no-starttls', why: `after STARTTLS: ${wordsOf(error)}` };
  }
}

function shakeHands(socket: Socket, { visited, trust }: Means): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({
      socket,
      servername: visited.host,
      secureContext: trust,
      rejectUnauthorized: false,
      // Whether the names are right is asked later, and the verdict of Node.js would hide that of OpenSSL.
      checkServerIdentity: () => undefined,
    });
    secure.once('secureConnect', () => {
      resolve(secure);
    });
    secure.on('error', reject);
    socket.once('close', () => {
      reject(socket.errored ?? new Error('the server closed the connection during the handshake'));
    });
  });
}

function lookAt(secure: TLSSocket): Encrypted {
  const shown = readShownCertificates(secure.getPeerX509Certificate());
  const [own] = shown;
  if (!own) throw new Error('the server shows no certificate');
  return {
    kind: 'encrypted',
    protocol: secure.getProtocol() ?? 'TLS',
    certificates: shown.map(({ facts }) => facts),
    trust: trustIn(secure),
    isFor: own.isFor,
  };
}

function trustIn({ authorized, authorizationError }: TLSSocket): Encrypted['trust'] {
  if (authorized) return { kind: 'trusted' };
  // Node.js declares an error, and gives its code.
  const code = String(authorizationError);
  return code === 'CERT_HAS_EXPIRED' ? { kind: 'expired' } : { kind: 'untrusted', why: code };
}

/** What comes of it does not matter any more. */
async function sayGoodbye(secure: TLSSocket): Promise<void> {
  await quitIn(new SmtpDialogue(secure));
  secure.destroy();
}

async function quitIn(dialogue: SmtpDialogue): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, QUIT_PATIENCE_MS);
  });
  await Promise.race([
    dialogue.ask('QUIT').then(
      () => undefined,
      () => undefined,
    ),
    patience,
  ]);
  clearTimeout(timer);
}

function quote({ code, lines }: SmtpReply): string {
  return `"${cleanText(`${String(code)} ${lines.join(' ')}`, MAX_WORDS_LENGTH)}"`;
}

/** The message of an error of OpenSSL has where in its sources it was found around the reason. */
function wordsOf(error: unknown): string {
  const hasReason = error instanceof Error && 'reason' in error && typeof error.reason === 'string';
  return cleanText(hasReason ? String(error.reason) : messageOf(error), MAX_WORDS_LENGTH);
}
