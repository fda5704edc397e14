/**
 * Reads how a sendmail command ended (sysexits.h).
 */
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import type { CommandEnd } from '#support/give-to-command.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';

/**
 * EX_USAGE, EX_NOINPUT, EX_UNAVAILABLE, EX_SOFTWARE, EX_OSERR, EX_OSFILE, EX_CANTCREAT, EX_IOERR, EX_NOPERM, EX_CONFIG: the command, its
 * configuration or this machine is at fault, whomever a mail is for.
 */
const ABOUT_US = [64, 66, 69, 70, 71, 72, 73, 74, 77, 78];
/**
 * EX_DATAERR, EX_NOUSER, EX_NOHOST: the same again would end the same. Whether it is the receiver's host that is unknown or our own smarthost
 * the code does not say. All others, EX_TEMPFAIL among them, may pass.
 */
const FINAL_CODES = [65, 67, 68];
const MAX_COMPLAINT_LENGTH = 200;

export function sendmailOutcome(path: string, end: CommandEnd): DeliveryOutcome {
  switch (end.kind) {
    case 'timed-out':
      return { kind: 'deferred', reply: `${path} did not end in time` };
    case 'ended':
      return { kind: 'deferred', reply: `${path} was ended` };
    case 'not-started':
      return { kind: 'deferred', reply: withComplaint(`${path} cannot be run`, end.why), isOurs: true };
    case 'exited':
      return exitOutcome(path, end.code, end.stderr);
  }
}

function exitOutcome(path: string, code: number | null, stderr: string): DeliveryOutcome {
  if (code === 0) return { kind: 'delivered', reply: `handed to ${path}` };
  const ending = code === null ? 'was killed' : `ended with ${String(code)}`;
  const reply = withComplaint(`${path} ${ending}`, stderr);
  if (ABOUT_US.includes(code ?? 0)) return { kind: 'refused', reply, whose: 'ours' };
  return FINAL_CODES.includes(code ?? 0) ? { kind: 'refused', reply, whose: 'unclear' } : { kind: 'deferred', reply };
}

function withComplaint(text: string, foreign: string): string {
  const complaint = cleanText(foreign, MAX_COMPLAINT_LENGTH);
  return complaint === '' ? text : `${text}: ${complaint}`;
}
