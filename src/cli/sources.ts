/**
 * Where to fetch from, as it was typed.
 */
import { resolve } from 'node:path';
import { directorySource } from '#adapters/directory/directory-source.ts';
import { parseSftpUrl } from '#adapters/sftp/parse-sftp-url.ts';
import { sftpSource } from '#adapters/sftp/sftp-source.ts';
import type { Settings } from '#config/settings.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import { usageError } from './command.ts';

export function sourceOf(source: string, { identity, knownHosts }: Settings): StateSource {
  if (/^\.{0,2}\//.test(source)) return directorySource(resolve(source));
  const reading = parseSftpUrl(source);
  if (reading.kind === 'malformed')
    throw usageError(
      `The source ${source.replace(/:\/\/[^@/]*@/, '://...@')} is neither a path nor a URL that can be used: ${reading.why}.`,
    );
  return sftpSource(reading.location, {
    ...(identity === undefined ? {} : { identityFile: identity }),
    ...(knownHosts === undefined ? {} : { knownHostsFile: knownHosts }),
  });
}
