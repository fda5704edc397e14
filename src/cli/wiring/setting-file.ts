/**
 * What a file holds that a setting names. Nothing of the content is ever shown.
 *
 * Problems: configuration-error.
 */
import { X509Certificate } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentUserName } from '#support/become-user.ts';
import { errnoOf, messageOf } from '#support/problem.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { rememberedContent, serviceCredential } from './service-credentials.ts';

const BY_OTHERS = 0o006;

export function readSettingFile(path: string, key: string): string {
  return reading(path, key, () => readFileSync(path, 'utf8'));
}

/** Of certificate authorities, in PEM. A file without one would be taken for nothing, silently. */
export function readAuthorities(path: string, key: string): string {
  const content = readSettingFile(path, key);
  if (isCertificate(content)) return content;
  throw configurationError(
    `${key}: ${path} has no certificate that can be read. ` +
      'It must have those of authorities, each between BEGIN and END CERTIFICATE.',
  );
}

/** Of a server, in PEM, with those that lead to its authority. */
export function readCertificate(path: string, key: string): string {
  const content = readSettingFile(path, key);
  if (isCertificate(content)) return content;
  throw configurationError(`${key}: ${path} has no certificate that can be read. It must be in PEM.`);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).fingerprint256 !== '';
  } catch {
    return false;
  }
}

/** The names of a secret: its setting, the credential that takes its place, and the setting that makes it necessary. */
export interface PasswordNames {
  readonly key: string;
  readonly credential: string;
  readonly neededBy: string;
}

/** `file` is what the setting names. The end of its line is not part of the password. */
export function readPassword(
  file: string | undefined,
  { key, credential, neededBy }: PasswordNames,
  environment: Invocation['environment'],
): string {
  const place = placeOfSecret(file, credential, environment);
  if (!place) throw configurationError(`${neededBy} is set, but not ${key}.`);
  return readSecret(place, key).replace(/\r?\n$/, '');
}

export interface SecretPlace {
  readonly path: string;
  /** True for one of $CREDENTIALS_DIRECTORY, which belongs to this service alone. */
  readonly isCredential: boolean;
}

/**
 * `file` where it is named, else the credential that systemd's LoadCredential= or a container provides, else, for root, the one that our
 * services are given; undefined without any.
 */
export function placeOfSecret(
  file: string | undefined,
  credential: string,
  environment: Invocation['environment'],
): SecretPlace | undefined {
  if (file !== undefined) return { path: file, isCredential: false };
  const directory = environment['CREDENTIALS_DIRECTORY'];
  const path = directory === undefined ? serviceCredential(credential) : join(directory, credential);
  return path === undefined ? undefined : { path, isCredential: true };
}

/** Refuses a file that everybody on the machine can read or write. Its group may, as the operator chose it. */
export function readSecret({ path, isCredential }: SecretPlace, key: string): string {
  const known = rememberedContent(path);
  if (known !== undefined) return known;
  const { content, mode } = reading(path, key, () => withFile(path, contentAndMode));
  if (isCredential || (mode & BY_OTHERS) === 0) return content;
  throw configurationError(
    `${key}: ${path} has the mode ${octal(mode)}, so every user of this machine can read or change it. ` +
      `Run chmod o= ${path}, and renew what is in it if others may have seen it.`,
  );
}

function reading<T>(path: string, key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const remedy =
      errnoOf(error) === 'EACCES' ? ` Let user ${currentUserName()} read it, who this process acts as.` : '';
    throw configurationError(`${key}: ${path} cannot be read (${errnoOf(error) ?? messageOf(error)}).${remedy}`);
  }
}

function withFile<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Of the same file, whatever its name leads to a moment later. */
function contentAndMode(fd: number): { readonly content: string; readonly mode: number } {
  return { mode: fstatSync(fd).mode & 0o7777, content: readFileSync(fd, 'utf8') };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
