/**
 * Root by mistake, another user by mistake, a machine without Node.js: nothing is broken by it, and a message says what to do.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import type { Machine } from './machine.ts';

const STATE = '/var/lib/tlsrpt';
const NODE = '/usr/bin/node';

export async function seeMistakesNamed(machine: Machine): Promise<void> {
  await seeRootHarmless(machine);
  await seeOtherUserRefused(machine);
  await seeMissingNodeNamed(machine);
}

/** Root acts as the owner, so that the services can go on with what it made. */
async function seeRootHarmless(machine: Machine): Promise<void> {
  await machine.shell('tlsrpt status; tlsrpt report --day yesterday || [ $? = 75 ]; tlsrpt send');
  assert.equal(await machine.run('find', STATE, '!', '-user', 'tlsrpt'), '', 'all of it is still the services’');
}

async function seeOtherUserRefused(machine: Machine): Promise<void> {
  for (const command of ['status', 'report --day yesterday', 'send', 'collect --socket /tmp/other.sock'])
    assert.match(
      await machine.shell(`runuser -u nobody -- tlsrpt ${command} 2>&1 && echo 'It ran.' || echo "It ended with $?."`),
      /belongs to tlsrpt: run this as that user, or as root\.\n(?:.*\n)?It ended with \d+\.\n$/,
      command,
    );
}

/** The package depends on it; whoever copied the one file may lack it. */
async function seeMissingNodeNamed(machine: Machine): Promise<void> {
  machine.write('/root/tlsrpt', readFileSync('dist/tlsrpt'));
  await machine.shell(`chmod +x /root/tlsrpt; mv ${NODE} ${NODE}.away`);
  try {
    const said = await machine.shell('/root/tlsrpt status 2>&1 || echo "It ended with $?."');
    assert.match(said, /^error node-unsuitable: .* apt install nodejs\)\.\nIt ended with 69\.\n$/);
  } finally {
    await machine.run('mv', `${NODE}.away`, NODE);
  }
}
