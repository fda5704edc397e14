/**
 * Answers as the commands of Postfix 3.10.13 were recorded to (test/fixtures/postfix-3.10.13), and as id(1) and systemctl(1) do.
 *
 * What it knows is in one directory: `instances`, as `postmulti -l` prints them, and for each a directory with main.cf; `running`, when it
 * runs; `services` in place of the recorded ones. `unknown` lists parameters that this Postfix does not have, `answers` lookup tables that
 * answer. `unit` is what `systemctl show` prints of a unit, unless there is `unit-NAME`, which `unit-NAME.restarted` replaces, and `inactive` there when it does not run; with `unmet` nothing
 * makes it run. `journal` is what journalctl finds, `journal-complaint` what it says besides.
 */
const { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const RECORDED = join(__dirname, '../fixtures/postfix-3.10.13');
const [command, state, ...words] = process.argv.slice(2);

const textOf = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const linesOf = (path) =>
  textOf(path)
    .split('\n')
    .filter((line) => line !== '');
const parametersIn = (path) => new Map(linesOf(path).map((line) => [line.split(' = ')[0].replace(/ =$/, ''), line]));
const print = (lines) => process.stdout.write(lines.map((line) => `${line}\n`).join(''));
const fail = (complaint) => {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 1;
};
const optionOf = (name) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);

const commands = { postconf, postmulti, postfix, postmap, id, systemctl, journalctl };
commands[command]();

function postmulti() {
  print(linesOf(join(state, 'instances')));
}

function postconf() {
  const directory = optionOf('-c') ?? join(state, 'etc/postfix');
  const file = join(directory, 'main.cf');
  if (!existsSync(file)) return fail(`postconf: fatal: open ${file}: No such file or directory`);
  const mode = words[2] ?? '';
  const names = words.slice(3);
  const given = parametersIn(file);
  if (mode === '-F')
    return print(
      linesOf(existsSync(join(directory, 'services')) ? join(directory, 'services') : join(RECORDED, 'services.txt')),
    );
  if (mode === '-P')
    return print(
      linesOf(
        existsSync(join(directory, 'overrides')) ? join(directory, 'overrides') : join(RECORDED, 'overrides.txt'),
      ),
    );
  if (mode === '-e' || mode === '-X') return edit(file, given, mode, names[0]);
  const unknown = linesOf(join(state, 'unknown'));
  const known = parametersIn(join(RECORDED, 'parameters.txt'));
  for (const name of names) {
    if (unknown.includes(name) || !known.has(name))
      process.stderr.write(`postconf: warning: ${name}: unknown parameter\n`);
    else if (given.has(name)) print([given.get(name)]);
    else if (mode !== '-n') print([known.get(name)]);
  }
}

function edit(file, given, mode, word) {
  if (existsSync(`${file}.locked`)) return fail(`postconf: fatal: open ${file}.tmp: Permission denied`);
  appendFileSync(join(state, 'edits'), `${mode} ${word}\n`);
  const [name] = word.split('=');
  if (mode === '-X') given.delete(name);
  else given.set(name, `${name} = ${word.slice(name.length + 1)}`);
  writeFileSync(`${file}.tmp`, [...given.values()].map((line) => `${line}\n`).join(''));
  renameSync(`${file}.tmp`, file);
}

function postfix() {
  const directory = optionOf('-c');
  if (!existsSync(join(directory, 'running')))
    return fail('postfix/postlog: fatal: the Postfix mail system is not running');
  if (words.at(-1) === 'reload') appendFileSync(join(directory, 'running'), 'reload\n');
  process.stderr.write('postfix/postlog: the Postfix mail system is running: PID: 268\n');
}

function postmap() {
  const map = words.at(-1);
  process.exitCode = 1;
  if (!linesOf(join(state, 'answers')).includes(map))
    fail(`postmap: fatal: table ${map}: query error: Connection refused`);
}

function id() {
  if (words.at(-1) !== 'postfix') return fail(`id: '${words.at(-1)}': no such user`);
  const numbers = { '-u': process.getuid(), '-g': process.getgid() };
  print([String(numbers[words[0]] ?? textOf(join(state, 'group')).trim())]);
}

function systemctl() {
  const own = join(state, `unit-${words[1]}`);
  if (words[0] === 'show' && existsSync(own)) return print(linesOf(own));
  if (words[0] === 'show')
    return print(existsSync(join(state, 'unit')) ? linesOf(join(state, 'unit')) : ['LoadState=not-found']);
  if (words[0] === 'is-active') {
    if (existsSync(join(state, 'inactive'))) process.exitCode = 3;
    return;
  }
  appendFileSync(join(state, 'systemctl'), `${words.join(' ')}\n`);
  if (['start', 'restart'].includes(words[0]) && !existsSync(join(state, 'unmet')))
    rmSync(join(state, 'inactive'), { force: true });
  const restarted = join(state, `unit-${words[1]}.restarted`);
  if (words[0] === 'try-restart' && existsSync(restarted)) renameSync(restarted, join(state, `unit-${words[1]}`));
  if (words.includes('broken.mount'))
    fail('Failed to start broken.mount: Unit broken.mount has a bad unit file setting.');
}

function journalctl() {
  print(linesOf(join(state, 'journal')));
  if (!existsSync(join(state, 'journal'))) process.exitCode = 1;
  process.stderr.write(textOf(join(state, 'journal-complaint')));
}
