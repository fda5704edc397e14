/**
 * One report on its way to one reporting address, as the ledger keeps it.
 */
/** Of a mail `delivered` says that our own mail server took it, `bounced` that it came back after that. */
export const deliveryStates = [
  'queued',
  'deferred',
  'delivered',
  'bounced',
  'refused',
  'expired',
  'suppressed',
] as const;

export type DeliveryState = (typeof deliveryStates)[number];

export interface Delivery {
  readonly reportId: string;
  readonly policyDomain: string;
  /** Of the contact that the report names. */
  readonly submitterDomain: string;
  /** The reporting address as a URI. */
  readonly destination: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly firstAttemptMs: number | undefined;
  readonly lastAttemptMs?: number | undefined;
  /** The receiver's own words, or what kept us from hearing any. */
  readonly lastResult: string | undefined;
  /** Undefined once there will be no further attempt. */
  readonly nextAttemptMs: number | undefined;
}

/** True while a later attempt may change the state. */
export function isWaiting({ state }: Pick<Delivery, 'state'>): boolean {
  return state === 'queued' || state === 'deferred';
}
