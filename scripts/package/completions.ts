/**
 * Completion for bash, zsh and fish: commands, the words and flags of each, and files where a flag takes one. Nothing is run for it.
 */
import { configFlag, everywhere } from '#cli/arguments/command-flags.ts';
import type { Command } from '#cli/command.ts';
import { commands } from '#cli/commands.ts';
import type { Setting } from '#config/setting.ts';
import { settings } from '#config/settings.ts';

interface Option {
  readonly name: string;
  readonly argument: string | undefined;
  readonly help: string;
}

const FILES = ['FILE', 'PATH', 'DIR'];
/** What yargs adds. */
const HELP: Option = { name: 'help', argument: undefined, help: 'Show help.' };

export function bashCompletion(): string {
  const cases = commands.map(
    (command) => `    ${command.name}) flags='${[...wordsOf(command), flagWords(optionsOf(command))].join(' ')}' ;;`,
  );
  const files = [...new Set(commands.flatMap(optionsOf).filter(takesFile).map(typed))];
  return `# bash completion for tlsrpt
_tlsrpt() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' flags='--help --version --licenses' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      ${commands.map(({ name }) => name).join('|')}) command=$word; break ;;
    esac
  done
  case $previous in
    ${files.join('|')}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
  esac
  case $command in
${cases.join('\n')}
    *) flags="$flags ${commands.map(({ name }) => name).join(' ')}" ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
}
complete -o default -F _tlsrpt tlsrpt
`;
}

export function zshCompletion(): string {
  const cases = commands.map(
    (command) =>
      `    ${command.name}) _arguments ${optionsOf(command).map(zshOption).join(' ')} ${zshWords(command)}'*:file:_files' ;;`,
  );
  return `#compdef tlsrpt
_tlsrpt() {
  local -a commands
  commands=(${commands.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(' ')})
  if ((CURRENT == 2)); then
    _describe command commands
    _arguments '--help[Show help.]' '--version[Show the version.]' '--licenses[Show the licences of what is inside.]'
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
_tlsrpt "$@"
`;
}

export function fishCompletion(): string {
  const names = commands.map(({ name }) => name).join(' ');
  return [
    '# fish completion for tlsrpt',
    ...commands.map(
      ({ name, summary }) =>
        `complete -c tlsrpt -n 'not __fish_seen_subcommand_from ${names}' -f -a ${name} -d ${fishQuoted(summary)}`,
    ),
    ...commands.flatMap(fishWords),
    ...commands.flatMap((command) => optionsOf(command).map((option) => fishOption(command, option))),
    '',
  ].join('\n');
}

function optionsOf(command: Command): Option[] {
  const own = command.flags.map(({ name, argument, help }) => ({ name, argument, help }));
  const rows = [...command.settings.map((name): Setting => settings[name]), ...everywhere];
  const ofSettings = rows.map(({ flag, argument, help }) => ({ name: flag, argument, help }));
  const { name, argument, help } = configFlag;
  return [...own, ...ofSettings, { name, argument, help }, HELP];
}

/** Those that may come first behind the command, such as `postfix` behind `setup`. */
function wordsOf({ usages = [] }: Command): string[] {
  return usages.flatMap((usage) => /^[a-z]\w*/.exec(usage) ?? []);
}

function zshWords(command: Command): string {
  const words = wordsOf(command);
  return words.length === 0 ? '' : `'1:word:(${words.join(' ')})' `;
}

function fishWords(command: Command): string[] {
  const words = wordsOf(command).join(' ');
  if (words === '') return [];
  const where = `__fish_seen_subcommand_from ${command.name}; and not __fish_seen_subcommand_from ${words}`;
  return [`complete -c tlsrpt -n '${where}' -f -a '${words}'`];
}

function flagWords(options: readonly Option[]): string {
  return options.map(typed).join(' ');
}

function typed({ name }: Option): string {
  return `--${name}`;
}

function takesFile({ argument = '' }: Option): boolean {
  return FILES.includes(argument);
}

function zshOption(option: Option): string {
  const { argument, help } = option;
  const value =
    argument === undefined ? '' : `:${argument.replaceAll(':', '\\:')}:${takesFile(option) ? '_files' : ''}`;
  return quoted(`*${typed(option)}[${help.replace(/[[\]:\\]/g, '\\$&')}]${value}`);
}

function fishOption({ name }: Command, option: Option): string {
  const value = option.argument === undefined ? '' : takesFile(option) ? ' -r -F' : ' -x';
  return `complete -c tlsrpt -n '__fish_seen_subcommand_from ${name}' -l ${option.name}${value} -d ${fishQuoted(option.help)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
