import { spawn } from 'node:child_process';
import { closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actingAs } from '#support/become-user.ts';
import { hiddenProcesses, processesUsing } from '#support/open-elsewhere.ts';
import { scratchDirectory } from './scratch.ts';
import { until } from './until.ts';

describe('The processes that have a file open', () => {
  it('are others than this one, found by any name of the file', async () => {
    const path = join(scratchDirectory(), 'database');
    writeFileSync(path, '');
    symlinkSync(path, `${path}.link`);
    const own = openSync(path, 'r');
    const other = spawn('sleep', ['600'], { stdio: [openSync(path, 'r'), 'ignore', 'ignore'] });
    await until(() => processesUsing(`${path}.link`).length > 0);
    expect(processesUsing(`${path}.link`)).toEqual([{ pid: other.pid, name: expect.any(String) as string }]);
    other.kill('SIGKILL');
    closeSync(own);
    await until(() => processesUsing(path).length === 0);
  });

  it('are none of a file that is not there', () => {
    expect(processesUsing('/nonexistent/file')).toEqual([]);
  });
});

/** Nobody but root can be two users. */
for (const name of process.getuid?.() === 0 ? ['Processes of another user'] : [])
  describe(name, () => {
    it('are known by the name of their program, as they do not show what they have open', async () => {
      const program = `program-${String(process.pid)}`;
      const other = spawn('sleep', ['600'], { argv0: `/usr/bin/${program}`, stdio: 'ignore' });
      const seenBySomebody = (): unknown => actingAs(54_321, 54_321, () => hiddenProcesses(['others', program]));
      await until(() => JSON.stringify(seenBySomebody()) !== '[]');
      expect(seenBySomebody()).toEqual([{ pid: other.pid, name: program }]);
      expect(hiddenProcesses([program])).toEqual([]);
      other.kill('SIGKILL');
      await until(() => JSON.stringify(seenBySomebody()) === '[]');
    });
  });
