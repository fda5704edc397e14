/**
 * `scripts/test-native`: the executable with Node.js in it, on a Debian 13 without.
 *
 * The quickstart runs on this machine, and has every command of `tlsrpt` run in the root directory of that Debian. Ends with 0 only if every report arrived.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { missingCommands } from '../debian/requirements.ts';
import { copyOfDebian } from '../debian/root-directory.ts';

const EXECUTABLE = `dist/tlsrpt-linux-${process.arch}`;
const INSTALLED = '/usr/bin/tlsrpt';

const missing = missingCommands({ debootstrap: 'debootstrap', unshare: 'util-linux' });
if (missing.length > 0) {
  process.stderr.write(`scripts/test-native needs what this machine does not have:\n  ${missing.join('\n  ')}\n`);
  process.exitCode = 69;
} else testOnDebian();

function testOnDebian(): void {
  run('npx', 'tsx', 'scripts/native/main.ts');
  const root = copyOfDebian();
  try {
    run('chroot', root, 'apt-get', '-qq', 'purge', '--yes', '--autoremove', 'nodejs');
    run('chroot', root, 'sh', '-c', '! command -v node');
    copyFileSync(EXECUTABLE, join(root, INSTALLED));
    run('chroot', root, INSTALLED, '--version');
    seeItStartsItself(root);
    quickstartIn(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** `run` has a child of its own look at what the settings name, which says what is wrong with it. */
function seeItStartsItself(root: string): void {
  const lacking = ['--smtp-user', 'reports', '--smtp-password-file', '/lacking'];
  const words = ['run', '--contact', 'tlsrpt@mail.example', ...lacking];
  const { status, stderr } = spawnSync('chroot', [root, INSTALLED, ...words], { encoding: 'utf8' });
  process.stdout.write(stderr);
  if (status !== 78 || !stderr.includes('/lacking')) throw new Error(`run ended with ${String(status)}`);
}

/** What is bound and mounted there goes with the processes. Both sides know the files of the quickstart by the same path. */
function quickstartIn(root: string): void {
  const work = join(root, 'work');
  for (const path of [work, join(root, work)]) mkdirSync(path, { recursive: true });
  const mounts = [`mount --bind ${work} ${root}${work}`, `mount -t proc proc ${root}/proc`];
  const quickstart = `TMPDIR=${work} npx tsx scripts/quickstart.ts chroot ${root} ${INSTALLED}`;
  run('unshare', '--mount', 'sh', '-ec', [...mounts, quickstart].join('\n'));
}

function run(command: string, ...words: readonly string[]): void {
  execFileSync(command, words, { stdio: ['ignore', 'inherit', 'inherit'] });
}
