/**
 * Finds out for doctor whether our mail server would take a mail: a session as for a mail, the sender, a recipient, and nothing more.
 *
 * Bounded in time as a session of send is. Nothing rejects but for a bug.
 */
import type { NodemailerError } from 'nodemailer';
import type { MailTrial } from '#pipeline/doctor/mail-trial.ts';
import type { MailEnvelope } from './mail-carrier.ts';
import { openSession } from './open-session.ts';
import { RelayUnreachable } from './connect-to-relay.ts';
import { isTlsFailure, mailFailure, sessionFailure } from './smtp-outcome.ts';
import type { SmtpSession } from './smtp-session.ts';
import { smtpSessionOptions } from './smtp-session-options.ts';
import type { SmtpOptions } from './smtp-session-options.ts';

const LEAST_PERMANENT = 500;
const LEAST_REFUSAL = 400;
/** As Postfix says "Relay access denied" where it would not bounce a mail for its own mistake (defer_unauth_destination). */
const RELAY_DEFERRED = 454;
/** Of OpenSSL's verdicts, as Node.js names them. */
const ABOUT_CERTIFICATE = /CERT|SIGNATURE|ISSUER/;

export async function tryMailServer(options: SmtpOptions, { from, to }: MailEnvelope): Promise<MailTrial> {
  try {
    const session = await openSession(smtpSessionOptions(options));
    const { isEncrypted, isLoggedIn } = session;
    const refusal =
      (await refusalOf(session, 'MAIL FROM', `MAIL FROM:<${from}>`)) ??
      (await refusalOf(session, 'RCPT TO', `RCPT TO:<${to}>`));
    await endTrial(session);
    return refusal ?? { kind: 'accepted', isEncrypted, isLoggedIn };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: 'no-session', step: stepOf(error), why: sessionFailure(error).reply };
  }
}

async function refusalOf(
  session: SmtpSession,
  command: 'MAIL FROM' | 'RCPT TO',
  line: string,
): Promise<MailTrial | undefined> {
  const { status, response } = await session.ask(line);
  if (status < LEAST_REFUSAL) return undefined;
  const isFinal = status >= LEAST_PERMANENT;
  const outcome = mailFailure(
    Object.assign(new Error(response), { command, response, responseCode: status, permanent: isFinal }),
  );
  const { reply } = outcome;
  if (outcome.kind !== 'refused')
    return { kind: 'refused', command, reply, about: status === RELAY_DEFERRED ? 'us' : 'unclear', isFinal };
  return { kind: 'refused', command, reply, about: aboutOf(outcome.whose), isFinal };
}

function aboutOf(whose: 'ours' | 'unclear' | undefined): 'us' | 'recipient' | 'unclear' {
  return whose === 'ours' ? 'us' : (whose ?? 'recipient');
}

/** What the server says to it does not matter any more. */
async function endTrial(session: SmtpSession): Promise<void> {
  await session.ask('RSET').catch(() => undefined);
  if (session.isOpen) await session.quit();
}

function stepOf(error: NodemailerError): Extract<MailTrial, { kind: 'no-session' }>['step'] {
  if (error instanceof RelayUnreachable) return 'connection';
  if (isTlsFailure(error) || ABOUT_CERTIFICATE.test(error.originalCode ?? '')) return 'tls';
  return error.code === 'EAUTH' ? 'login' : 'other';
}
