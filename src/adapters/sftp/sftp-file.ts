/**
 * A single file on another host, read over SFTP, implementing the port of fetch.
 */
import type { FileCopyResult, ForeignFile } from '#pipeline/fetch/foreign-file.ts';
import { copyRemoteFile } from './copy-remote-file.ts';
import { formatSftpUrl } from './parse-sftp-url.ts';
import type { SftpLocation } from './parse-sftp-url.ts';
import { SftpLink } from './sftp-link.ts';
import type { SftpOptions } from './sftp-options.ts';

export function sftpFile(location: SftpLocation, options: SftpOptions = {}): ForeignFile {
  return {
    name: formatSftpUrl(location),
    async copyTo(to, transfer = {}): Promise<FileCopyResult> {
      const link = await SftpLink.open(location, { ...options, signal: transfer.signal });
      if (link.kind !== 'link') return link;
      try {
        const { maxBytes } = options;
        return await copyRemoteFile(link, { ...transfer, from: location.path, to, maxBytes });
      } finally {
        await link.close();
      }
    },
  };
}
