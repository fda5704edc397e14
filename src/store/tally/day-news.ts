/**
 * What the tally of a day says of its work.
 */
import type { SetAside } from './open-working-day.ts';
import type { FrameFigures, RejectionReason } from './session-tally.ts';

export type DayNews =
  /** A datagram that came for the first time and cannot be read; `bytes` are valid during the call. */
  | {
      readonly kind: 'rejected';
      readonly frame: number;
      readonly number: number;
      readonly reason: RejectionReason;
      readonly bytes: Buffer;
    }
  /** What became of everything up to this frame is known. */
  | ({ readonly kind: 'tallied'; readonly frame: number } & FrameFigures)
  | ({ readonly kind: 'set-aside' } & SetAside)
  | { readonly kind: 'damaged'; readonly why: string }
  /** Of what another program had counted; see moved-pieces.ts. */
  | { readonly kind: 'moved-left-out'; readonly code: string; readonly why: string }
  | { readonly kind: 'torn'; readonly bytes: number }
  | { readonly kind: 'checkpointed' }
  /** `wasClosed`: before as well, so nothing had to be done. */
  | { readonly kind: 'closed'; readonly wasClosed: boolean };
