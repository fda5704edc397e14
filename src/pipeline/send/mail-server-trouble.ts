/**
 * Trouble with our own mail server: what it has against us is no fault of a receiver's, and is held against none.
 *
 * Of some refusals nobody can tell whether they are about the receiver or about us. When it says the same of many domains, it is about us; so
 * such a refusal is held until enough domains have met with it, or nothing more is attempted. A crash meanwhile has the delivery attempted
 * once more, which is harmless, as it was not taken. Of mails that it puts off no more than the telling is held.
 */
import type { PlannedDelivery } from './planned-delivery.ts';

export interface HeldRefusal {
  readonly planned: PlannedDelivery;
  readonly reply: string;
  /** Notes what it has turned out to be. */
  readonly settle: (isOurs: boolean) => Promise<void>;
}

interface SameReply {
  readonly domains: Set<string>;
  held: HeldRefusal[];
}

/** From so many domains on it is about us. */
const MANY_DOMAINS = 3;

export class MailServerTrouble {
  /** How many mails it refused, or put off, for reasons that are ours. */
  refused = 0;
  /** What it said last. */
  lastReply = '';
  readonly #byReply = new Map<string, SameReply>();

  note(reply: string): void {
    this.refused += 1;
    this.lastReply = reply;
  }

  async hold(refusal: HeldRefusal): Promise<void> {
    const words = commonWords(refusal);
    const same = this.#byReply.get(words) ?? { domains: new Set(), held: [] };
    this.#byReply.set(words, same);
    same.domains.add(refusal.planned.receiver.host);
    same.held.push(refusal);
    if (same.domains.size >= MANY_DOMAINS) await settleAll(same, true);
  }

  /** Nothing more is attempted: what is still held is about its receiver. */
  async settle(): Promise<void> {
    for (const same of this.#byReply.values()) await settleAll(same, false);
  }
}

async function settleAll(same: SameReply, isOurs: boolean): Promise<void> {
  await Promise.all(same.held.splice(0).map((refusal) => refusal.settle(isOurs)));
}

/** The code and the enhanced code (RFC 2034 4), whose digits are no number of one mail. */
const CODES = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?\b/;
/** A time, a session, a queue id: whatever has a digit is different for each mail. */
const NUMBERED_WORD = /\S*\d\S*/g;

/** A reply without what a server repeats of the mail it is about, and without what it numbers. */
function commonWords({ planned: { reading, receiver }, reply }: HeldRefusal): string {
  const mailbox = reading.kind === 'address' && reading.address.scheme === 'mailto' ? reading.address.mailbox : '';
  const [codes = ''] = CODES.exec(reply) ?? [];
  const words = [mailbox, receiver.host]
    .filter((name) => name !== '')
    .reduce((text, name) => text.replaceAll(name.toLowerCase(), ''), reply.slice(codes.length).toLowerCase());
  return `${codes} ${words.replace(NUMBERED_WORD, '')}`;
}
