/**
 * Reads the body of a request, within what one may have and what all of them together may.
 */
import type { IncomingMessage } from 'node:http';
import { GrowingBytes } from './growing-bytes.ts';

export interface BodyLimits {
  readonly oneBytes: number;
  /** Of all that are being read. */
  readonly allBytes: number;
}

export const bodyLimits: BodyLimits = { oneBytes: 16_777_216, allBytes: 67_108_864 };

export type BodyReading =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  /** There is no room for it now. */
  | { readonly kind: 'full' }
  /** The client has gone. */
  | { readonly kind: 'gone' };

export class Bodies {
  readonly #limits: BodyLimits;
  #heldBytes = 0;
  /** Those that are being read. */
  readonly #requests = new Set<IncomingMessage>();
  #whenIdle: () => void = () => undefined;

  constructor(limits = bodyLimits) {
    this.#limits = limits;
  }

  /** Resolves when none is being read. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#requests.size === 0) resolve();
      this.#whenIdle = resolve;
    });
  }

  /** Ends the connections of those that are being read. */
  giveUp(): void {
    for (const request of this.#requests) request.destroy();
  }

  /** Resolves once all of it is there, or it is clear that it will not be taken. What is not taken may still be coming then. */
  read(request: IncomingMessage): Promise<BodyReading> {
    if (Number(request.headers['content-length'] ?? 0) > this.#limits.oneBytes)
      return Promise.resolve({ kind: 'too-large' });
    return new Promise((resolve) => {
      const body = new GrowingBytes();
      this.#requests.add(request);
      const end = (reading: BodyReading): void => {
        request.off('data', take).off('end', whole).off('close', gone).off('error', gone);
        this.#heldBytes -= body.length;
        this.#requests.delete(request);
        if (this.#requests.size === 0) this.#whenIdle();
        resolve(reading);
      };
      const take = (piece: Buffer): void => {
        body.add(piece);
        this.#heldBytes += piece.length;
        if (body.length > this.#limits.oneBytes) end({ kind: 'too-large' });
        else if (this.#heldBytes > this.#limits.allBytes) end({ kind: 'full' });
      };
      const whole = (): void => {
        end({ kind: 'body', bytes: body.bytes });
      };
      const gone = (): void => {
        end({ kind: 'gone' });
      };
      request.on('data', take).on('end', whole).on('close', gone).on('error', gone);
    });
  }
}
