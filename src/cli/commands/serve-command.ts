/**
 * `tlsrpt serve`: answers over HTTP how everything fares: for people with a browser, for Prometheus, and for the health checks of containers.
 * Where it is told to, takes at another address the reports that others post about us; that alone changes anything.
 */
import { WebServer } from '#adapters/http/web-server.ts';
import type { ServerSecrets } from '#adapters/http/web-server.ts';
import { serviceNotifier } from '#adapters/systemd/service-notifier.ts';
import { serverReady, serverStopped } from '#events/serve-events.ts';
import { noServiceManager } from '#pipeline/collect/service-manager.ts';
import type { ServiceManager } from '#pipeline/collect/service-manager.ts';
import { systemClock } from '#support/clock.ts';
import { startThriftily } from '#support/thrift.ts';
import { stateRoutes } from '#web/state-routes.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { configuredSources } from '#cli/arguments/source-address.ts';
import { actAsOwner } from '#cli/wiring/owner.ts';
import { PageState } from '#cli/wiring/page-state.ts';
import { startReportReceiver } from '#cli/wiring/report-receiver.ts';
import { SecretRenewal } from '#cli/wiring/secret-renewal.ts';
import { readServerSecrets, serverAddress } from '#cli/wiring/server-secrets.ts';
import { stateReadings } from '#cli/wiring/state-readings.ts';
import { statePathOf } from '#cli/wiring/state.ts';
import { onStopSignal } from '#cli/wiring/stop-signal.ts';

const BEAT_MS = 1_000;

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Show in a browser how everything fares, and answer /metrics for Prometheus, /healthz and /readyz',
  examples: [
    ['serve', 'answer on 127.0.0.1:9180, for this machine alone'],
    ['serve --listen 192.0.2.1:9180', 'answer other machines, with the certificate and token of [serve]'],
    ['serve --reports-listen 127.0.0.1:9181', 'take as well what others report about us, from a proxy that has TLS'],
  ],
  flags: [],
  settings: [
    'listen',
    'serveCertificate',
    'serveKey',
    'serveTokenFile',
    'reportsListen',
    'reportsCertificate',
    'reportsKey',
    'reportsInsecure',
    'reportsProxies',
    'reportsRate',
    'reportsKeepFree',
    'keepInboundDays',
  ],
  isDaemon: () => true,
  run: serve,
};

async function serve(invocation: Invocation): Promise<ExitCode> {
  startThriftily();
  const { settings, log, environment, supervisor } = invocation;
  actAsOwner(statePathOf(invocation), log);
  const sources = configuredSources(invocation).map(({ name }) => name);
  const secrets = readServerSecrets(invocation);
  const { stopping } = onStopSignal(supervisor);
  const receiver = await startReportReceiver(invocation);
  const readings = { ...stateReadings(invocation, stopping), posted: receiver?.counts };
  const pages = new PageState({ path: statePathOf(invocation), sources, log, health: readings.health, stopping });
  const routes = [...pages.routes, ...stateRoutes(readings)];
  const server = new WebServer({ address: serverAddress(settings), secrets, routes });
  const url = await server.listen();
  pages.begin();
  log(serverReady(url));
  const [serviceManager, status] = [
    serviceNotifier(environment, process.pid) ?? supervisor ?? noServiceManager,
    `Answering on ${url}`,
  ];
  serviceManager.ready(status);
  const renewals = [renewalOf(server, secrets, invocation), ...(receiver ? [receiver.renewal] : [])];
  await keepAnswering(renewals, { serviceManager, status, stopping });
  serviceManager.stopping();
  await Promise.all([server.stop(), receiver?.end()]);
  await pages.end();
  log(serverStopped());
  return exitCode.done;
}

function renewalOf(server: WebServer, secrets: ServerSecrets, invocation: Invocation): SecretRenewal<ServerSecrets> {
  const read = (): ServerSecrets => readServerSecrets(invocation);
  const use = (renewed: ServerSecrets): void => {
    server.renew(renewed);
  };
  return new SecretRenewal({ secrets, read, use, log: invocation.log }, systemClock.steadyMs());
}

interface Kept {
  readonly serviceManager: ServiceManager;
  readonly status: string;
  readonly stopping: AbortSignal;
}

/** Until it is told to stop: lets whoever watches know that it lives, and looks after what is in files. */
async function keepAnswering(
  renewals: readonly Pick<SecretRenewal<object>, 'look'>[],
  { serviceManager, status, stopping }: Kept,
): Promise<void> {
  while (!stopping.aborted) {
    const nowMs = systemClock.steadyMs();
    serviceManager.alive(nowMs, () => status);
    for (const renewal of renewals) renewal.look(nowMs);
    await systemClock.sleep(BEAT_MS, stopping);
  }
}
