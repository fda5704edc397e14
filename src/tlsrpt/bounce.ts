/**
 * What comes back when a mail with a report of ours could not be brought to its receiver: by RFC 3464, or in the words of qmail and of others
 * that write for people alone.
 *
 * Anybody can write it. So it says which delivery it may be about, and whoever has the ledger finds out whether it is.
 */
import { bounceTokensIn } from './bounce-address.ts';
import { cleanText } from './clean-text.ts';
import { readDeliveryStatus } from './delivery-status.ts';
import type { RecipientStatus } from './delivery-status.ts';
import { readPlainBounce } from './plain-bounce.ts';
import { reportMessageIdsIn } from './report-mail.ts';

export interface Bounce {
  /** `failed`: given up; `delayed`: tried further; `other`: whatever else is told. */
  readonly action: 'failed' | 'delayed' | 'other';
  /** RFC 3463; undefined where none is told. */
  readonly status: string | undefined;
  /** Of whoever did not take the mail; one line, bounded. */
  readonly words: string;
  /** The mailboxes that did not get it, in lower case, as they were known at first and in the end. */
  readonly recipients: readonly string[];
  /** What may be the token in an envelope sender of ours. */
  readonly tokens: readonly string[];
  /** Of mails that may be ours. */
  readonly messageIds: readonly string[];
  /** What tells it from other bounces, whatever way it comes: its own Message-ID and date. */
  readonly identity: string;
}

/** A mail that tells what became of another one, as texts. */
export interface DeliveryNotice {
  readonly header: string;
  /** The part for programs (RFC 3464 2.1); undefined where there is none. */
  readonly status: string | undefined;
  /** The text for people, where there is no other part. */
  readonly text: string;
  /** The header of the mail that it is about, as far as that is given back as a part. */
  readonly returned: string;
}

const MAX_WORDS_LENGTH = 300;
const OWN_FIELDS = /^(?:Message-ID|Date)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)/gim;
const MOST_RECIPIENTS = 20;

/** Undefined for what tells nothing of a mail that may be ours. */
export function readBounce(notice: DeliveryNotice): Bounce | undefined {
  const { header, status, text, returned } = notice;
  const pieces = [header, status ?? '', text, returned].join('\n');
  const [tokens, messageIds] = [bounceTokensIn(pieces), reportMessageIdsIn(pieces)];
  if (tokens.length === 0 && messageIds.length === 0) return undefined;
  const told = status === undefined ? readPlainBounce(header, text) : readDeliveryStatus(status);
  const action = told.some(({ action: one }) => one === 'failed')
    ? 'failed'
    : told.some(isDelayed)
      ? 'delayed'
      : 'other';
  const meant = told.filter((one) => one.action === action);
  const recipients = [...new Set(meant.flatMap(({ mailboxes }) => mailboxes))].slice(0, MOST_RECIPIENTS);
  const { status: code } = meant[0] ?? {};
  const identity = identityOf(header);
  return { action, status: code, words: wordsOf(meant[0]), recipients, tokens, messageIds, identity };
}

function identityOf(header: string): string {
  return [...header.matchAll(OWN_FIELDS)].map(([, value = '']) => value.replace(/\s+/g, ' ').trim()).join(' ');
}

function isDelayed({ action }: RecipientStatus): boolean {
  return action === 'delayed';
}

function wordsOf(told: RecipientStatus | undefined): string {
  const { status, words = '' } = told ?? {};
  const clean = cleanText(words.replace(/\s+/g, ' '), MAX_WORDS_LENGTH);
  return status === undefined || clean.includes(status) ? clean : `${status} ${clean}`.trim();
}

/** Whether it is for good, and about the receiver (RFC 3463 2): neither a time that ran out nor what it has against who sends. */
export function isAboutReceiver({ action, status = '' }: Pick<Bounce, 'action' | 'status'>): boolean {
  return action === 'failed' && /^5\./.test(status) && !ABOUT_US.test(status);
}

/** RFC 3463 3.2, 3.8: the sender's address, security and policy. */
const ABOUT_US = /^5\.(?:7\.\d+|1\.[78])$/;
