/**
 * Whether the services can use the settings, and the files that these name. `doctor` looks as the owner of the state directory, as whom they run: root
 * could read them all.
 *
 * Problems: configuration-error.
 */
import { accessSync, constants } from 'node:fs';
import { findingsOf } from '#pipeline/doctor/finding.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';
import { currentUserName } from '#support/become-user.ts';
import { errnoOf } from '#support/problem.ts';
import type { Invocation } from '#cli/command.ts';
import { configurationPath } from '#cli/arguments/command-settings.ts';
import { checkSettings } from './check-settings.ts';

const { ok, broken } = findingsOf('configuration');

export async function configurationFindings(invocation: Invocation): Promise<Finding[]> {
  const path = configurationPath(invocation.given, invocation.environment);
  if (isForbidden(path)) return [forbidden(path, currentUserName())];
  await checkSettings(invocation);
  return [ok('All settings can be used, with the files that they name.')];
}

/** The settings of this run were read before it gave up root. */
function isForbidden(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EACCES';
  }
}

function forbidden(path: string, user: string): Finding {
  return broken(
    `${path} cannot be read by user ${user}, as whom the services run: they end with 78.`,
    `chgrp "$(id -gn ${user})" ${path} && chmod g+r ${path}; namei -l ${path} shows who may pass to it`,
  );
}
