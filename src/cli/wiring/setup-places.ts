/**
 * The places that setting up changes, as this machine has them.
 *
 * Problems: no-permission, configuration-error, and those of the adapters.
 */
import { accessSync, chmodSync, chownSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { mainCfOf, readParameters, reloadPostfix, writeParameter } from '#adapters/postfix/postconf.ts';
import { isActive, isRead, isServing, setRunning } from '#adapters/systemd/systemctl.ts';
import { isMountSound, readUnitFile, writeDropIn, writeUnit } from '#adapters/systemd/unit-files.ts';
import type { Place, Places } from '#pipeline/setup/place.ts';
import { exchangeBuiltFile, removeFile, writeNewFile } from '#support/durable-file.ts';
import { readTomlValue, withTomlValue } from '#support/edit-toml.ts';
import { errnoOf, messageOf, Problem } from '#support/problem.ts';
import { configurationError } from '#cli/command.ts';
import { readDirectory, writeDirectory } from './setup-directories.ts';

export const systemPlaces: Places = {
  read: readPlace,
  isInEffect,
  write: (place, value) => allowed(place, () => writePlace(place, value)),
  requireAccess: (places) => {
    for (const path of new Set(places.flatMap(writtenDirectories))) requireWritable(path);
  },
  reload: reloadPostfix,
};

function isInEffect(place: Place): boolean {
  switch (place.kind) {
    case 'unit':
      return isActive(place.unit) && isMountSound(place.path);
    case 'service':
      return isServing(place.unit);
    case 'drop-in':
      return isRead(place.unit);
    case 'parameter':
    case 'setting':
    case 'directory':
      return true;
  }
}

function readPlace(place: Place): string | null {
  switch (place.kind) {
    case 'parameter':
      return readParameter(place);
    case 'setting':
      return readSetting(place);
    case 'directory':
      return readDirectory(place.path);
    case 'service':
      return isActive(place.unit) ? 'running' : null;
    case 'drop-in':
    case 'unit':
      return readUnitFile(place.path);
  }
}

/** What cannot be read is not known to be as it was. */
function readSetting({ file, key }: Extract<Place, { kind: 'setting' }>): string | null {
  const value = readTomlValue(contentOf(file), key);
  if (value !== undefined) return value;
  throw configurationError(`${file} is not TOML, so ${key} cannot be found in it. Mend it, and run this again.`);
}

/** Nothing is set in an instance that is gone. */
function readParameter({ configDirectory, name }: Extract<Place, { kind: 'parameter' }>): string | null {
  if (!existsSync(mainCfOf(configDirectory))) return null;
  return readParameters(configDirectory, '-n', [name])[name] ?? null;
}

function writePlace(place: Place, value: string | null): string | undefined {
  switch (place.kind) {
    case 'parameter':
      writeParameter(place.configDirectory, place.name, value);
      return undefined;
    case 'setting':
      writeSetting(place.file, place.key, value);
      return undefined;
    case 'directory':
      return writeDirectory(place.path, value);
    case 'service':
      setRunning(place.unit, value !== null);
      return undefined;
    case 'drop-in':
      writeDropIn(place.path, place.unit, value);
      return undefined;
    case 'unit':
      writeUnit(place.path, place.unit, value);
      return undefined;
  }
}

/** Whoever owns the file and may read it stays so, and a symbolic link to it stays one. */
function writeSetting(name: string, key: string, value: string | null): void {
  const file = existsSync(name) ? realpathSync(name) : name;
  const content = withTomlValue(contentOf(file), key, value);
  if (content === undefined)
    throw configurationError(
      `${file} cannot be changed without changing more than ${key}. Write it yourself: ${key} = ${JSON.stringify(value)}`,
    );
  const found = statSync(file, { throwIfNoEntry: false });
  if (content === '') {
    removeFile(file);
    return;
  }
  exchangeBuiltFile(file, (temporary) => {
    writeNewFile(temporary, [Buffer.from(content)], { permissions: 0o644 });
    if (!found) return;
    chownSync(temporary, found.uid, found.gid);
    chmodSync(temporary, found.mode & 0o7777);
  });
}

function contentOf(file: string): string {
  return readUnitFile(file) ?? '';
}

function writtenDirectories(place: Place): string[] {
  switch (place.kind) {
    case 'parameter':
      return [dirname(mainCfOf(place.configDirectory))];
    case 'setting':
      return [dirname(existsSync(place.file) ? realpathSync(place.file) : place.file)];
    case 'service':
      return [];
    case 'directory':
    case 'drop-in':
    case 'unit':
      return [dirname(place.path)];
  }
}

/** Of what is missing, what it will be made in. */
function requireWritable(directory: string): void {
  const path = existsSync(directory) ? directory : dirname(directory);
  if (path !== directory && !existsSync(path)) {
    requireWritable(path);
    return;
  }
  allowedAt(path, () => {
    accessSync(path, constants.W_OK | constants.X_OK);
  });
}

function allowed<T>(place: Place, act: () => T): T {
  return allowedAt(writtenDirectories(place).join(''), act);
}

function allowedAt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error) ?? '')) throw error;
    throw new Problem('no-permission', `${path} cannot be changed: ${messageOf(error)}. Run this as root.`, {
      cause: error,
    });
  }
}
