/**
 * A fresh Debian 13 in a directory: made by debootstrap once and kept, then copied for each run.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { TLSRPT_DEBIAN_MIRROR: MIRROR = 'http://deb.debian.org/debian' } = process.env;
export const { TLSRPT_DEBIAN_CACHE: CACHE = '/var/cache/tlsrpt-test-debian' } = process.env;
const PACKAGES = 'systemd,systemd-sysv,dbus,iproute2,procps,nodejs,postfix,man-db,zsh,fish';

/** The path of a copy that belongs to the caller, who removes it. It is short, as the path of a socket below it must be. */
export function copyOfDebian(): string {
  const root = mkdtempSync('/var/tmp/tlsrpt-');
  execFileSync('cp', ['-a', '--reflink=auto', `${keptDebian('trixie', PACKAGES)}/.`, root]);
  return root;
}

/** The path of one that is kept under this name, and is not to be changed. `packages` are separated by commas. */
export function keptDebian(name: string, packages: string): string {
  const base = join(CACHE, name);
  const kept = join(CACHE, `${name}.packages`);
  if (!existsSync(kept) || readFileSync(kept, 'utf8') !== packages) {
    rmSync(base, { recursive: true, force: true });
    mkdirSync(CACHE, { recursive: true });
    const words = ['--variant=minbase', `--include=${packages}`, 'trixie', base, MIRROR];
    execFileSync('debootstrap', words, { stdio: ['ignore', 'ignore', 'inherit'] });
    writeFileSync(kept, packages);
  }
  return base;
}
