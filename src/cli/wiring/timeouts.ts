/**
 * How long an attempt may take on each way out: what is set for it alone, or else for all.
 */
import type { Settings } from '#config/settings.ts';

export function timeoutMsOf(way: string, { timeout, mailTimeout, httpsTimeout }: Settings): number {
  return (way === 'mailto' ? mailTimeout : httpsTimeout) ?? timeout;
}
