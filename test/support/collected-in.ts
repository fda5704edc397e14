/**
 * What the built executable says was collected.
 */
import { runTlsrpt } from './run-tlsrpt.ts';

/** How many datagrams of each day. */
export async function collectedIn(state: string): Promise<Readonly<Record<string, number>>> {
  const { stdout } = await runTlsrpt(['status', '--json', '--state-dir', state]);
  const { days } = JSON.parse(stdout) as { days: { day: string; collected: { datagrams: number } }[] };
  return Object.fromEntries(days.map(({ day, collected }) => [day, collected.datagrams]));
}
