/**
 * What the settings of postfix-mta-sts-resolver say (mta-sts-daemon.yml(5), version 1.5): in which zones it tells Postfix of the policy that it
 * found. A zone that has no settings of its own has those of the default zone.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const SETTINGS = '/etc/mta-sts-daemon.yml';
/** As PyYAML reads it, to which "yes" is true; and nothing is printed. */
const READING = { version: '1.1', logLevel: 'silent' } as const;

/** All false where the file is not there or cannot be understood. */
export function tellingZones(path = SETTINGS): (zone: string) => boolean {
  const settings = readYaml(path);
  return (zone) => {
    const own = memberOf(memberOf(settings, 'zones'), zone);
    return memberOf(own ?? memberOf(settings, 'default_zone'), 'tlsrpt') === true;
  };
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'), READING);
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
