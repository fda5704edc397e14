/**
 * With what `check` looks at domains, as the settings want it.
 */
import { hostname } from 'node:os';
import { dnsNameService, nameServersOf } from '#adapters/dns/dns-name-service.ts';
import { parseConnectTo } from '#adapters/https/connect-to.ts';
import { policyFetcher } from '#adapters/https/fetch-policy.ts';
import { mailHostVisitor } from '#adapters/mail/visit-mail-host.ts';
import type { SettingName } from '#config/settings.ts';
import type { SendersView } from '#pipeline/check/senders-view.ts';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';
import { VERSION } from '#support/version.ts';
import type { Invocation } from '#cli/command.ts';
import { httpsProxyOf, proxySettings } from './https-proxy.ts';
import { readAuthorities } from './setting-file.ts';
import { timeoutMsOf } from './timeouts.ts';

export const viewSettings: readonly SettingName[] = [
  'httpsCa',
  'httpsConnectTo',
  ...proxySettings,
  'timeout',
  'mailTimeout',
  'httpsTimeout',
];

/** Of the mail servers that senders meet. */
export const SMTP_PORT = 25;

export interface OpenView {
  readonly view: SendersView;
  /** As they were asked. */
  readonly nameServers: readonly string[];
  close(): void;
}

/** `port` is that of the mail servers. */
export async function sendersViewOf(invocation: Invocation, port: number): Promise<OpenView> {
  const { settings, clock } = invocation;
  const ca = settings.httpsCa === undefined ? undefined : readAuthorities(settings.httpsCa, 'send.https_ca');
  const nameServers = nameServersOf(settings.dnsServers);
  const names = dnsNameService(nameServers);
  const policies = policyFetcher({
    ...(ca === undefined ? {} : { ca }),
    proxy: httpsProxyOf(invocation),
    connectTo: settings.httpsConnectTo.map(parseConnectTo).filter((route) => route !== undefined),
    dnsServers: settings.dnsServers,
    timeoutMs: timeoutMsOf('https', settings),
    userAgent: `tlsrpt/${VERSION}`,
  });
  const view = {
    names,
    policies,
    mailHosts: mailHostVisitor({ helloName: helloName(), timeoutMs: timeoutMsOf('mailto', settings), ca }),
    commands: new ShellCommands(settings.dnsServers),
    isValidating: await names.validates(),
    port,
    nowMs: clock.nowMs(),
  };
  return {
    view,
    nameServers,
    close: () => {
      policies.close();
    },
  };
}

/** RFC 5321 4.1.1.1: who has no name of use says an address. */
function helloName(): string {
  return hostname().includes('.') ? hostname() : '[127.0.0.1]';
}
