/**
 * The Debian package: an ar archive of a version, what dpkg is told, and what is installed (deb(5)).
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { configurationFile } from './configuration-file.ts';
import { debianChangelog } from './debian-changelog.ts';
import { file, installedFiles, ownFile } from './installed-files.ts';
import type { Edition } from './manual-pages.ts';
import { arOf, tarOf } from './tar.ts';
import type { Entry } from './tar.ts';

const CONFIGURATION = 'etc/tlsrpt/tlsrpt.toml';
const DOCUMENTS = 'usr/share/doc/tlsrpt';
/** Who built the package, as Debian's own tools take it from the environment; else the project, with an address that can be nobody's (RFC 2606). */
const { DEBFULLNAME = 'The tlsrpt maintainers', DEBEMAIL = 'tlsrpt@example.org' } = process.env;
const MAINTAINER = `${DEBFULLNAME} <${DEBEMAIL}>`;
/** The text of the Apache License, which every Debian system has once. */
const APACHE = /^ *Apache License\n +Version 2\.0,[^]*? END OF TERMS AND CONDITIONS\n/gm;
const APACHE_REFERENCE = 'Apache License, Version 2.0; its text is in /usr/share/common-licenses/Apache-2.0.\n';

export interface DebianEdition extends Edition {
  /** Of everything in it, in seconds since the epoch. */
  readonly timeS: number;
}

export function debianPackage(edition: DebianEdition): Buffer {
  const data = dataFiles(edition);
  const { timeS } = edition;
  const compressed = (entries: readonly Entry[]): Buffer => gzipSync(tarOf(entries, timeS, './'), { level: 9 });
  return arOf(
    [
      file('debian-binary', '2.0\n'),
      file('control.tar.gz', compressed(controlFiles(data, edition))),
      file('data.tar.gz', compressed(data)),
    ],
    timeS,
  );
}

function dataFiles(edition: DebianEdition): Entry[] {
  const completions = { zsh: 'zsh/vendor-completions', fish: 'fish/vendor_completions.d' };
  const place = { executable: '/usr/bin/tlsrpt', node: '/usr/bin/node', completions };
  return [
    ...installedFiles(edition, place).map((entry) => compressedIfManual({ ...entry, path: `usr/${entry.path}` })),
    file(CONFIGURATION, configurationFile()),
    file(`${DOCUMENTS}/README.Debian`, ownFile('README.Debian')),
    file(`${DOCUMENTS}/copyright`, copyright()),
    file(`${DOCUMENTS}/changelog.gz`, compressedText(debianChangelog(edition, MAINTAINER))),
  ];
}

function compressedIfManual(entry: Entry): Entry {
  if (!entry.path.startsWith('usr/share/man/')) return entry;
  return { ...entry, path: `${entry.path}.gz`, content: compressedText(entry.content) };
}

function compressedText(content: string | Uint8Array): Buffer {
  return gzipSync(content, { level: 9 });
}

function copyright(): string {
  const licences = readFileSync('dist/licences.txt', 'utf8').replace(APACHE, APACHE_REFERENCE);
  return `The executable of this package consists of the following works, each under its own licence.\n\n${licences}`;
}

function controlFiles(data: readonly Entry[], { version }: DebianEdition): Entry[] {
  return [
    file('control', controlText(data, version)),
    file('conffiles', `/${CONFIGURATION}\n`),
    file(
      'md5sums',
      data
        .filter(({ path }) => path !== CONFIGURATION)
        .map(md5Line)
        .join(''),
    ),
    ...['postinst', 'prerm', 'postrm'].map((name) => file(name, ownFile(name), 0o755)),
  ];
}

function controlText(data: readonly Entry[], version: string): string {
  const kibibytes = data.map(({ content }) => Math.ceil(content.length / 1_024)).reduce((sum, size) => sum + size, 0);
  return `Package: tlsrpt
Version: ${version}
Architecture: all
Maintainer: ${MAINTAINER}
Installed-Size: ${String(kibibytes)}
Depends: nodejs (>= 20.19), systemd | systemd-standalone-sysusers | systemd-sysusers, systemd | systemd-standalone-tmpfiles | systemd-tmpfiles
Suggests: postfix (>= 3.10)
Section: mail
Priority: optional
Description: SMTP TLS Reporting (RFC 8460) for mail servers
 When a mail server delivers mail, TLS can fail, and the receiving domain
 cannot see that. So it publishes a record that asks senders for a daily
 report. Postfix 3.10 and later hands what it saw to a collector. This is that
 collector, and it also builds the reports and delivers them by mail and
 HTTPS. Several mail servers can be brought together into one report.
`;
}

function md5Line({ path, content }: Entry): string {
  return `${createHash('md5').update(content).digest('hex')}  ${path}\n`;
}
