import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { sftpFile } from '#adapters/sftp/sftp-file.ts';
import { describeForeignFile } from '#test/contracts/foreign-file.contract.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sftpServers } from '#test/support/sftp-servers.ts';

for (const { name, start } of sftpServers)
  describeForeignFile(`A file over SFTP from ${name}`, async ({ path, maxBytes }) => {
    const home = scratchDirectory();
    const server = await start({ directory: home });
    const { port, user, hostKeys, identityFile } = server;
    onTestFinished(() => server.kill());
    const knownHostsFile = join(home, 'known_hosts');
    writeFileSync(knownHostsFile, hostKeys.map((key) => `[127.0.0.1]:${String(port)} ${key}\n`).join(''));
    const options = {
      knownHostsFile,
      identityFile,
      home,
      agentSocket: '',
      ...(maxBytes === undefined ? {} : { maxBytes }),
    };
    return sftpFile({ user, host: '127.0.0.1', port, path }, options);
  });
