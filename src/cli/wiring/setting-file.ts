/**
 * What a file holds that a setting names. Secrets come this way, so nothing of the content is ever shown.
 *
 * Problems: configuration-error.
 */
import { readFileSync } from 'node:fs';
import { currentUserName } from '#support/become-user.ts';
import { errnoOf, messageOf } from '#support/problem.ts';
import { configurationError } from '#cli/command.ts';

export function readSettingFile(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const remedy =
      errnoOf(error) === 'EACCES' ? ` Let user ${currentUserName()} read it, who this process acts as.` : '';
    throw configurationError(`${key}: ${path} cannot be read (${errnoOf(error) ?? messageOf(error)}).${remedy}`);
  }
}
