/**
 * The programs that tests use as they are, besides Node.js. A machine may lack some: then the tests that need them are left out, which is said at the
 * end of the run; with CI set, nothing may be lacking.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasOpenSearch } from './opensearch.ts';

/** By command, the package of Debian that brings it. */
const packages = {
  chromium: 'chromium',
  'dovecot-lda': 'dovecot-core',
  'imap-login': 'dovecot-imapd',
  maildrop: 'maildrop',
  procmail: 'procmail',
  promtool: 'prometheus',
  python3: 'python3',
  sievec: 'dovecot-sieve',
  sqlite3: 'sqlite3',
  sshd: 'openssh-server',
} as const;

export type RealPart = keyof typeof packages;

const OPENSEARCH =
  'OpenSearch, by a JDK and Maven (Debian: apt install default-jdk-headless maven; then scripts/fetch-opensearch)';

/** Where some commands are that are not for everybody. */
const ELSEWHERE = ['/usr/sbin', '/usr/lib/dovecot'];

export function has(part: RealPart): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...ELSEWHERE];
  return folders.some((folder) => existsSync(join(folder, part)));
}

/** One line on each that is missing; empty when nothing is. */
export function missingParts(): string[] {
  const missing = (Object.keys(packages) as RealPart[]).filter((part) => !has(part));
  const lines = missing.map((part) => `${part} (Debian: apt install ${packages[part]})`);
  return hasOpenSearch() ? lines : [...lines, OPENSEARCH];
}
