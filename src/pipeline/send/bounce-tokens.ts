/**
 * The token by which the envelope sender of a mail names its delivery, so that what comes back to that address finds it.
 *
 * It is one block of AES under a key of the state directory: the day, the number of the delivery in the outbox, and a digest of what it
 * delivers and where. So nobody can make a token or change one into another, nobody reads from it how many reports there are, and one of an
 * outbox that was lost or restored since names nothing else. It is the same for each attempt.
 */
import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { base32Of, fromBase32 } from '#support/base32.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { startOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface DeliveryPlace {
  readonly day: UtcDay;
  /** In the outbox of that day. */
  readonly number: number;
}

export interface ReadToken extends DeliveryPlace {
  /** Whether it was made for the delivery that is found there. */
  readonly isOf: (delivery: DeliveryIdentity) => boolean;
}

type DeliveryIdentity = Pick<Delivery, 'reportId' | 'destination'>;

const CIPHER = 'aes-256-ecb';
const DAY_MS = 86_400_000;
/** Together the 16 bytes of a block. */
const [DAY_BYTES, NUMBER_BYTES, DIGEST_BYTES] = [2, 5, 9] as const;

export class BounceTokens {
  readonly #key: Uint8Array;

  /** `key` has 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  of({ day, number }: DeliveryPlace, delivery: DeliveryIdentity): string {
    const place = Buffer.alloc(DAY_BYTES + NUMBER_BYTES);
    place.writeUIntBE(startOfDayMs(day) / DAY_MS, 0, DAY_BYTES);
    place.writeUIntBE(number, DAY_BYTES, NUMBER_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, null).setAutoPadding(false);
    return base32Of(cipher.update(Buffer.concat([place, digestOf(delivery)])));
  }

  /** Undefined for what has not the form of a token; what was made up has a place as well, at which nothing is that it is of. */
  read(token: string): ReadToken | undefined {
    const encrypted = fromBase32(token);
    if (encrypted?.length !== DAY_BYTES + NUMBER_BYTES + DIGEST_BYTES) return undefined;
    const block = createDecipheriv(CIPHER, this.#key, null).setAutoPadding(false).update(encrypted);
    const digest = block.subarray(DAY_BYTES + NUMBER_BYTES);
    return {
      day: utcDayOf(block.readUIntBE(0, DAY_BYTES) * DAY_MS),
      number: block.readUIntBE(DAY_BYTES, NUMBER_BYTES),
      isOf: (delivery) => digestOf(delivery).equals(digest),
    };
  }
}

function digestOf({ reportId, destination }: DeliveryIdentity): Buffer {
  return hash('sha256', JSON.stringify([reportId, destination]), 'buffer').subarray(0, DIGEST_BYTES);
}
