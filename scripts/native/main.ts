/**
 * `npm run native [-- --arch x64|arm64]`: makes dist/tlsrpt-linux-ARCH, one file that needs no Node.js, as the official one is in it.
 *
 * npm brings that Node.js and checks it against the lock file in node/. It needs glibc, as all of Debian's machines have it. The part that
 * goes into it is made by the Node.js of this machine's own architecture, which is of the same version.
 */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inject } from 'postject';
import { fetchOtherNatives } from '../package/other-natives.ts';

const FOLDER = 'dist/native';
/** Where Node.js looks for the part that was put in, and what tells it that there is one (its documentation on single executables). */
const RESOURCE = 'NODE_SEA_BLOB';
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const { values } = parseArgs({ options: { arch: { type: 'string', default: process.arch } } });
process.stdout.write(`${await makeNative(values.arch)}\n`);

async function makeNative(arch: string): Promise<string> {
  fetchOtherNatives();
  execFileSync(process.execPath, ['scripts/build.mjs', '--release'], { stdio: 'inherit' });
  const own = bringNode(process.arch);
  const wanted = arch === process.arch ? own : bringNode(arch);
  const executable = `dist/tlsrpt-linux-${arch}`;
  copyFileSync(join(wanted, 'bin/node'), executable);
  chmodSync(executable, 0o755);
  await inject(
    executable,
    RESOURCE,
    partMadeBy(own, { licence: join(wanted, 'LICENSE'), useCodeCache: own === wanted }),
    {
      sentinelFuse: FUSE,
    },
  );
  return executable;
}

/** Code that was compiled beforehand is of use on the architecture alone that compiled it. */
function partMadeBy(node: string, { licence, useCodeCache }: { licence: string; useCodeCache: boolean }): Buffer {
  const [file, output] = [join(FOLDER, 'part.json'), join(FOLDER, 'part')];
  const assets = { 'node-licence': licence };
  const part = { main: 'dist/tlsrpt', output, disableExperimentalSEAWarning: true, useCodeCache, assets };
  writeFileSync(file, JSON.stringify(part));
  execFileSync(join(node, 'bin/node'), ['--experimental-sea-config', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  return readFileSync(output);
}

/** The directory of the official Node.js for that architecture. */
function bringNode(arch: string): string {
  const folder = join(FOLDER, arch);
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(`scripts/native/node/${file}`, join(folder, file));
  const words = [
    'ci',
    '--ignore-scripts',
    '--os=linux',
    `--cpu=${arch}`,
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  execFileSync('npm', words, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return join(folder, `node_modules/node-linux-${arch}`);
}
