/**
 * A machine on which one thing is wrong: how it comes to that, what doctor says then, and how it ends.
 */
import type { NameFaults } from '../dns.ts';
import type { Machine } from '../machine.ts';
import type { Network } from '../network.ts';

export interface Site {
  readonly machine: Machine;
  readonly network: Network;
  /** The private key with which mails are signed, in PEM. */
  readonly key: string;
  /** What DNS has of a sound machine besides what its network brings: its DKIM key. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

/** As the shell of the machine does it, or whatever else it takes. */
export type Act = string | ((site: Site) => Promise<unknown>);

export interface BrokenSetup {
  readonly name: string;
  readonly breakIt: Act;
  /** The one finding, or all that come of it. */
  readonly expects: Expected | readonly [Expected, ...Expected[]];
  /** Undefined: what the finding says is typed, word for word. */
  readonly mend?: Act;
  /** What stands before the command, as an environment. */
  readonly doctorWith?: string;
}

export interface Expected {
  /** Grade and check: `broken socket`. */
  readonly finding: string;
  readonly what: RegExp;
  readonly fix: RegExp | string;
}

/** One that is made by hand and is not undone by its fix goes on as it was before: the acts one after the other. */
export function both(...acts: readonly Act[]): Act {
  return async (site) => {
    for (const act of acts) await perform(act, site);
  };
}

export async function perform(act: Act, site: Site): Promise<void> {
  if (typeof act === 'string') await site.machine.shell(act);
  else await act(site);
}

const CONFIGURATION = '/etc/tlsrpt/tlsrpt.toml';
const SOUND = '/root/tlsrpt.toml';

/** Keeps the configuration of the sound machine, to which `asConfigured` leads back. */
export const keepConfiguration = `cp -a ${CONFIGURATION} ${SOUND}`;
export const asConfigured = `cp -a ${SOUND} ${CONFIGURATION}`;

/** `line` stands in the section from then on, instead of another for the same key. */
export function setting(section: string, line: string): Act {
  const [key = ''] = line.split(' ');
  return ({ machine }) =>
    machine.run(
      'sed',
      '-i',
      '-e',
      `/^${key} = /d`,
      '-e',
      `s|^\\[${section}\\]$|&\\n${line.replaceAll('|', '\\|')}|`,
      CONFIGURATION,
    );
}

/** DNS is as on a sound network but for this. */
export function dns(faults: NameFaults = {}): Act {
  return ({ network, texts }) => network.letDns({ ...faults, texts: { ...texts, ...faults.texts } });
}
