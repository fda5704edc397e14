import { spawn } from 'node:child_process';
import { closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processesUsing } from '#support/open-elsewhere.ts';
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
