/**
 * By which a tally knows what it counts: equal ones are one entry.
 */
import { failureKey, policyKey } from '#tlsrpt/tally.ts';
import type { SeenFailure, SeenPolicy } from '../sessions/stored-sessions.ts';
import { digestOf } from './digest-table.ts';
import type { Digest } from './digest-table.ts';

export interface EntryKey {
  readonly digest: Digest;
  /** How much text the entry is. */
  readonly bytes: number;
}

export function policyEntryKey({ domain, record, policy }: SeenPolicy): EntryKey {
  return entryKeyOf(`${domain}\n${record ?? ''}\n${policyKey(policy)}`);
}

export function failureEntryKey({ policyId, details }: SeenFailure): EntryKey {
  return entryKeyOf(`${String(policyId)}\n${failureKey(details)}`);
}

function entryKeyOf(text: string): EntryKey {
  return { digest: digestOf(text), bytes: Buffer.byteLength(text) };
}
