/**
 * What a file holds that a setting names. Secrets come this way, so nothing of the content is ever shown.
 *
 * Problems: configuration-error.
 */
import { readFileSync } from 'node:fs';
import { errnoOf, messageOf } from '#support/problem.ts';
import { configurationError } from '#cli/command.ts';

export function readSettingFile(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw configurationError(`${key}: ${path} cannot be read (${errnoOf(error) ?? messageOf(error)}).`);
  }
}
