/**
 * What `doctor` finds out about the addresses of `collect.http` and `serve.reports_listen`. Nothing is posted.
 */
import { isLoopback, textOfAddress } from '#adapters/http/listen-on.ts';
import { tryConnection } from '#adapters/http/try-connection.ts';
import { readNetworkLimits } from '#adapters/systemd/network-limits.ts';
import { isSystemdRunning } from '#adapters/systemd/systemctl.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { judgeHttp } from '#pipeline/doctor/judge-http.ts';
import type { HttpAddressFacts, PostingService } from '#pipeline/doctor/judge-http.ts';
import type { Invocation } from '#cli/command.ts';

const DEADLINE_MS = 3_000;
const COLLECTOR: PostingService = {
  posted: 'Sessions',
  setting: 'collect.http',
  unit: 'tlsrpt.service',
  explained: ', as "With systemd" in docs/http.md has it',
};
const SERVER: PostingService = {
  posted: 'Reports',
  setting: 'serve.reports_listen',
  unit: 'tlsrpt-serve.service',
  explained: '',
};

type Address = Invocation['settings']['http'][number];

export async function httpFindings({ settings: { http, reportsListen } }: Invocation): Promise<Finding[]> {
  const findings = [findingsAbout(http, COLLECTOR), findingsAbout(reportsListen ? [reportsListen] : [], SERVER)];
  return (await Promise.all(findings)).flat();
}

async function findingsAbout(addresses: readonly Address[], service: PostingService): Promise<Finding[]> {
  const known = addresses.filter(({ port }) => port !== 0);
  if (known.length === 0) return [];
  return judgeHttp({
    service,
    addresses: await Promise.all(known.map(tryAddress)),
    limits: isSystemdRunning() ? readNetworkLimits(service.unit) : undefined,
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
