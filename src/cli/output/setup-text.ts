/**
 * What setup would do or has done, for people: as what one would type oneself.
 */
import type { Outcome } from '#pipeline/setup/make-changes.ts';
import type { Change, Place } from '#pipeline/setup/place.ts';
import type { PostfixInstance } from '#pipeline/setup/postfix-instance.ts';
import { asWritten } from '#support/command-words.ts';
import { withoutControlsButLines } from '#support/without-controls.ts';

export function instanceText({ configDirectory, version, queueDirectory, clients }: PostfixInstance): string {
  const chrooted = clients.filter((client) => client.isChrooted).length;
  const how = chrooted === 0 ? 'not chrooted' : chrooted === clients.length ? 'chrooted' : 'partly chrooted';
  return shown(`${configDirectory}: Postfix ${version}, queue directory ${queueDirectory}, smtp(8) ${how}`);
}

/** One line, and the lines of a file that is written. */
export function changeText(change: Change): string {
  return shown(`  ${textOf(change)}`);
}

function textOf(change: Change): string {
  const { place, value, before } = change;
  switch (place.kind) {
    case 'parameter':
      return `${parameterCommand(place, value)}   # was: ${before ?? 'not set in main.cf'}`;
    case 'setting':
      return `${settingText(place, value)}   # was: ${before ?? 'not set'}`;
    case 'directory':
      return `${directoryCommand(place.path, value)}   # was: ${before ?? 'not there'}`;
    case 'service':
      return serviceCommand(place.unit, change);
    case 'drop-in':
    case 'unit':
      return value === null
        ? `${asWritten(['rm', place.path])}, and tell systemd`
        : `write ${place.path}, and tell systemd:\n${indented(value)}`;
  }
}

/** One that runs already lacks its socket, which is started anew with it. */
function serviceCommand(unit: string, { value, before }: Change): string {
  if (value !== null && value === before)
    return asWritten(['systemctl', 'restart', unit.replace(/\.service$/, '.socket'), unit]);
  return asWritten(['systemctl', value === null ? 'stop' : 'start', unit]);
}

function parameterCommand(
  { configDirectory, name }: Extract<Place, { kind: 'parameter' }>,
  value: string | null,
): string {
  return asWritten([
    'postconf',
    '-c',
    configDirectory,
    ...(value === null ? ['-X', name] : ['-e', `${name}=${value}`]),
  ]);
}

function settingText({ file, key }: Extract<Place, { kind: 'setting' }>, value: string | null): string {
  return `${file}: ${key} = ${value === null ? '(taken out)' : JSON.stringify(value)}`;
}

function directoryCommand(path: string, value: string | null): string {
  if (value === null) return asWritten(['rmdir', path]);
  const [, user = '', group = '', mode = ''] = /^(.*):(.*) (.*)$/.exec(value) ?? [];
  return asWritten(['install', '-d', '-o', user, '-g', group, '-m', mode, path]);
}

export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'made':
      return `done:\n${changeText(outcome.change)}`;
    case 'undone':
      return `undone:\n${changeText(inverse(outcome.change))}`;
    case 'undone-already':
      return shown(`undone before: ${placeName(outcome.change)}`);
    case 'left':
      return shown(`left as it is: ${placeName(outcome.change)}: ${outcome.why}`);
    case 'reloaded':
      return shown(`done:\n  postfix -c ${outcome.configDirectory} reload`);
    case 'not-running':
      return shown(`${outcome.configDirectory}: no Postfix runs there; one that starts reads this`);
  }
}

function inverse({ place, value, before }: Change): Change {
  return { place, value: before, before: value };
}

function placeName({ place }: Change): string {
  switch (place.kind) {
    case 'parameter':
      return `${place.name} in ${place.configDirectory}`;
    case 'setting':
      return `${place.key} in ${place.file}`;
    case 'service':
      return place.unit;
    case 'directory':
    case 'drop-in':
    case 'unit':
      return place.path;
  }
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

function shown(text: string): string {
  return withoutControlsButLines(text);
}
