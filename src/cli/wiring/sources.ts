/**
 * What to fetch from, made of where it is.
 */
import { commandFetcher } from '#adapters/command/command-fetcher.ts';
import { directorySource } from '#adapters/directory/directory-source.ts';
import { localFile } from '#adapters/directory/local-file.ts';
import { engineSource } from '#adapters/opensearch/engine-source.ts';
import { halonSource } from '#adapters/opensearch/halon-source.ts';
import type { EngineLocation } from '#adapters/opensearch/parse-engine-url.ts';
import { sftpFile } from '#adapters/sftp/sftp-file.ts';
import type { SftpOptions } from '#adapters/sftp/sftp-options.ts';
import { sftpSource } from '#adapters/sftp/sftp-source.ts';
import type { Settings } from '#config/settings.ts';
import { fetcherSource } from '#sys4/fetcher-source.ts';
import type { FetcherSourceOptions } from '#sys4/fetcher-source.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import { sys4Source } from '#sys4/sys4-source.ts';
import type { Invocation } from '#cli/command.ts';
import type { SourceAddress } from '#cli/arguments/source-address.ts';
import { engineClient } from './search-engine.ts';

export type SourceSurroundings = Pick<Invocation, 'settings' | 'environment'>;

/** Throws a `configuration-error` where a secret cannot be read. */
export function sourceOf(
  address: SourceAddress,
  surroundings: SourceSurroundings,
  options: FetcherSourceOptions,
): StateSource {
  const { settings } = surroundings;
  const { store } = options;
  switch (address.kind) {
    case 'path': {
      const { path, isDatabase } = address;
      return isDatabase ? sys4Source(localFile(path), store, { mayReadHere: true }) : directorySource(path);
    }
    case 'sftp': {
      const { location, isDatabase } = address;
      const sftp = sftpOptionsOf(settings);
      return isDatabase ? sys4Source(sftpFile(location, sftp), store) : sftpSource(location, sftp);
    }
    case 'engine':
      return sourceInEngine(address.location, surroundings, options);
    case 'command': {
      const { name, words } = address;
      return fetcherSource(commandFetcher({ name, words, timeoutMs: settings.fetchTimeout }), options);
    }
  }
}

function sourceInEngine(
  { kind, name, url, index }: EngineLocation,
  surroundings: SourceSurroundings,
  { store, clock }: FetcherSourceOptions,
): StateSource {
  const client = engineClient({ url, timeoutMs: surroundings.settings.fetchTimeout }, surroundings);
  return kind === 'halon'
    ? halonSource({ name, client, index, store, clock })
    : engineSource({ name, client, prefix: index, store });
}

function sftpOptionsOf({ identity, knownHosts, sshConfig, fetchTimeout }: Settings): SftpOptions {
  return {
    ...(identity === undefined ? {} : { identityFile: identity }),
    ...(knownHosts === undefined ? {} : { knownHostsFile: knownHosts }),
    ...(sshConfig === undefined ? {} : { sshConfigFile: sshConfig }),
    silenceTimeoutMs: fetchTimeout,
  };
}
