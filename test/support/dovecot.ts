/**
 * Dovecot's IMAP server with a configuration, certificates and mails of its own, on free ports of 127.0.0.1, as an ordinary user.
 *
 * Only processes that descend from the one started here are ever killed.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { scratchDirectory } from './scratch.ts';
import { freePort, killFamily } from './server-processes.ts';
import { makeTestCa } from './test-certificates.ts';
import { until } from './until.ts';

const IMAP_USER = 'tls-reports@a.example';
export const IMAP_PASSWORD = 'a "secret" \\ pässword';

export interface DovecotWish {
  /** By folder, as people see it; INBOX is always there. */
  readonly folders: Readonly<Record<string, readonly Buffer[]>>;
  /** Mails in INBOX that somebody else has marked as deleted; they stand last. */
  readonly deleted?: readonly Buffer[];
  /** What the server must not say that it can. */
  readonly without?: readonly string[];
}

export interface Dovecot {
  /** TLS from the first byte on. */
  readonly imapsPort: number;
  readonly imapPort: number;
  readonly caFile: string;
  readonly passwordFile: string;
  kill(): Promise<void>;
  /** The flags of each mail, in the order of their names: `S` is seen; an empty text for one without any. */
  flagsIn(folder: string): string[];
}

/** Dovecot gives nobody root's mails: for root, who cannot run it as root alone, another user does it. */
const NOBODY = { uid: 65_534, gid: 65_534, name: 'nobody', group: 'nogroup' };

interface Surroundings {
  readonly directory: string;
  readonly capabilities: string;
}

type Ports = Pick<Dovecot, 'imapsPort' | 'imapPort'>;

const MAX_STARTS = 5;

const CAPABILITIES = ['IMAP4rev1', 'ID', 'LITERAL+', 'ENABLE', 'IDLE', 'NAMESPACE', 'MOVE', 'UIDPLUS', 'SPECIAL-USE'];

export async function startDovecot({ folders, deleted = [], without = [] }: DovecotWish): Promise<Dovecot> {
  const directory = scratchDirectory();
  const ca = await makeTestCa();
  const { certPem, keyPem } = await ca.issue({ names: ['localhost', '127.0.0.1'] });
  const files = {
    'ca.pem': ca.caPem,
    'cert.pem': certPem,
    'key.pem': keyPem,
    password: `${IMAP_PASSWORD}\n`,
    users: `${IMAP_USER}:{PLAIN}${IMAP_PASSWORD}\n`,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content, { mode: 0o600 });
  for (const [folder, mails] of Object.entries({ INBOX: [], ...folders }))
    makeFolder(maildirOf(directory, folder), mails);
  addMails(maildirOf(directory, 'INBOX'), deleted, { from: folders['INBOX']?.length ?? 0, flags: 'T' });
  const capabilities = CAPABILITIES.filter((name) => !without.includes(name)).join(' ');
  const { server, ...ports } = await startOnFreePorts({ directory, capabilities });
  onTestFinished(() => killFamily(server));
  return {
    ...ports,
    caFile: join(directory, 'ca.pem'),
    passwordFile: join(directory, 'password'),
    kill: () => killFamily(server),
    flagsIn: (folder) => flagsIn(maildirOf(directory, folder)),
  };
}

/** Somebody else may take a port between looking and starting; then others will do. */
async function startOnFreePorts(surroundings: Surroundings): Promise<Ports & { readonly server: ChildProcess }> {
  for (let starts = 1; ; starts += 1) {
    const ports = { imapsPort: await freePort(), imapPort: await freePort() };
    try {
      return { ...ports, server: await start({ ...surroundings, ...ports }) };
    } catch (error) {
      if (starts === MAX_STARTS) throw error;
    }
  }
}

async function start(place: Surroundings & Ports): Promise<ChildProcess> {
  const { directory, imapsPort } = place;
  const config = join(directory, 'dovecot.conf');
  const isRoot = userInfo().uid === 0;
  writeFileSync(
    config,
    configFor(place, isRoot ? NOBODY : { ...userInfo(), name: userInfo().username, group: String(userInfo().gid) }),
  );
  if (isRoot) giveAway(directory);
  const identity = isRoot ? { uid: NOBODY.uid, gid: NOBODY.gid } : {};
  const server = spawn('/usr/sbin/dovecot', ['-F', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'], ...identity });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const answers: true[] = [];
  await until(() => {
    if (server.exitCode !== null) throw new Error(`dovecot does not start: ${said}${logOf(directory)}`);
    const socket = connect(imapsPort, '127.0.0.1', () => answers.push(true) && socket.destroy());
    socket.on('error', () => undefined);
    return answers.length > 0;
  });
  return server;
}

function logOf(directory: string): string {
  const log = join(directory, 'log');
  return existsSync(log) ? readFileSync(log, 'utf8') : '';
}

function configFor(
  place: Surroundings & Ports,
  { name, group }: { readonly name: string; readonly group: string },
): string {
  const { directory, imapsPort, imapPort, capabilities } = place;
  return `
protocols = imap
listen = 127.0.0.1
base_dir = ${directory}/run
state_dir = ${directory}/state
log_path = ${directory}/log
default_internal_user = ${name}
default_internal_group = ${group}
default_login_user = ${name}
ssl = yes
ssl_cert = <${directory}/cert.pem
ssl_key = <${directory}/key.pem
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
imap_capability = ${capabilities}
mail_location = maildir:${directory}/mail
mail_fsync = never
namespace inbox {
  inbox = yes
  separator = /
}
passdb {
  driver = passwd-file
  args = ${directory}/users
}
userdb {
  driver = static
  args = home=${directory}/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${String(imapPort)}
  }
  inet_listener imaps {
    port = ${String(imapsPort)}
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`;
}

/** The layout of Maildir++: a folder of another one has both names. */
function maildirOf(directory: string, folder: string): string {
  const name = folder === 'INBOX' ? '' : `.${modifiedUtf7(folder).replaceAll('/', '.')}`;
  return join(directory, 'mail', name);
}

/** RFC 3501 5.1.3 */
function modifiedUtf7(text: string): string {
  return text.replaceAll('&', '&-').replace(/[^ -~]+/g, (other) => {
    const base64 = Buffer.from(other, 'utf16le').swap16().toString('base64');
    return `&${base64.replace(/=+$/, '').replaceAll('/', ',')}-`;
  });
}

function makeFolder(maildir: string, mails: readonly Buffer[]): void {
  for (const name of ['new', 'cur', 'tmp']) mkdirSync(join(maildir, name), { recursive: true });
  addMails(maildir, mails, { from: 0, flags: '' });
}

interface NameParts {
  readonly from: number;
  readonly flags: string;
}

function addMails(maildir: string, mails: readonly Buffer[], { from, flags }: NameParts): void {
  for (const [index, mail] of mails.entries()) {
    const number = from + index;
    const name = `${String(1_700_000_000 + number)}.M${String(number)}.localhost:2,${flags}`;
    writeFileSync(join(maildir, 'cur', name), mail);
  }
}

function flagsIn(maildir: string): string[] {
  const names = ['new', 'cur'].flatMap((name) => readdirSync(join(maildir, name)));
  return names.sort().map((name) => /:2,([A-Z]*)/.exec(name)?.[1] ?? '');
}

function giveAway(path: string): void {
  chownSync(path, NOBODY.uid, NOBODY.gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) giveAway(inside);
    else chownSync(inside, NOBODY.uid, NOBODY.gid);
  }
}
