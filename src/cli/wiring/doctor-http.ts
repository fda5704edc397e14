/**
 * What `doctor` finds out about the addresses of `collect.http`. Nothing is posted.
 */
import { isLoopback, textOfAddress } from '#adapters/http/listen-on.ts';
import { tryConnection } from '#adapters/http/try-connection.ts';
import { readNetworkLimits } from '#adapters/systemd/network-limits.ts';
import { isSystemdRunning } from '#adapters/systemd/systemctl.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeHttp } from '#pipeline/doctor/judge-http.ts';
import type { HttpAddressFacts } from '#pipeline/doctor/judge-http.ts';
import type { Invocation } from '#cli/command.ts';

const DEADLINE_MS = 3_000;
const COLLECTOR = 'tlsrpt.service';

type Address = Invocation['settings']['http'][number];

export async function httpFindings({ settings }: Invocation): Promise<Finding[]> {
  const known = settings.http.filter(({ port }) => port !== 0);
  if (known.length === 0) return [];
  return judgeHttp({
    addresses: await Promise.all(known.map(tryAddress)),
    limits: isSystemdRunning() ? readNetworkLimits(COLLECTOR) : undefined,
  });
}

async function tryAddress(address: Address): Promise<HttpAddressFacts> {
  return {
    address: textOfAddress(address),
    family: address.host.includes(':') ? 'AF_INET6' : 'AF_INET',
    isLoopback: isLoopback(address),
    trial: await tryConnection(address, DEADLINE_MS),
  };
}
