/**
 * Opens a session with our mail server: as it is set, or in clear where that is allowed once the handshake has failed (RFC 8460 3).
 */
import { isTlsFailure } from './smtp-outcome.ts';
import { SmtpSession } from './smtp-session.ts';
import type { SessionChoices } from './smtp-session-options.ts';

/** Rejects as SmtpSession.open does. */
export async function openSession({ first, inClear }: SessionChoices): Promise<SmtpSession> {
  try {
    return await SmtpSession.open(first);
  } catch (error) {
    if (inClear && error instanceof Error && isTlsFailure(error)) return SmtpSession.open(inClear);
    throw error;
  }
}
