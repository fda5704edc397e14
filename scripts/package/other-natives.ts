/**
 * Has npm bring the native parts of koffi for the architectures that this machine does not have, into dist/natives, where the build looks for
 * them. npm checks them against the lock file.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';

const FOLDER = 'dist/natives';
const ARCHITECTURES = ['x64', 'arm64'];

export function fetchOtherNatives(): void {
  const missing = ARCHITECTURES.filter((arch) =>
    ['.', FOLDER].every((folder) => !existsSync(`${folder}/node_modules/@koromix/koffi-linux-${arch}`)),
  );
  if (missing.length === 0) return;
  mkdirSync(FOLDER, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(file, `${FOLDER}/${file}`);
  const architectures = missing.map((arch) => `--cpu=${arch}`);
  execFileSync(
    'npm',
    [
      'ci',
      '--ignore-scripts',
      '--omit=dev',
      '--os=linux',
      ...architectures,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ],
    { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] },
  );
}
