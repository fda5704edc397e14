import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readUnitSource, unitSourceIn } from '#adapters/systemd/unit-source.ts';
import { PostfixHost } from '#test/support/postfix-host.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const [FILE, EXECUTABLE] = ['/usr/local/lib/systemd/system/x.service', '/usr/local/bin/tlsrpt'];

it('A service comes from a file and runs something', () => {
  // As `systemctl show` of systemd 257 prints them.
  const ran = `ExecStart={ path=${EXECUTABLE} ; argv[]=${EXECUTABLE} collect ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`;
  const host = new PostfixHost();
  host.set('unit-x.service', [ran, `FragmentPath=${FILE}`]);
  host.set('unit-gone.service', ['FragmentPath=']);
  expect(readUnitSource('x.service')).toEqual({ file: FILE, executable: EXECUTABLE });
  expect(readUnitSource('gone.service')).toBeUndefined();
});

it('A file says what its service runs', () => {
  const file = join(scratchDirectory(), 'x.service');
  expect(unitSourceIn(file)).toBeUndefined();
  writeFileSync(file, '[Service]\nType=notify\nExecStart=/usr/bin/tlsrpt collect\n');
  expect(unitSourceIn(file)).toEqual({ file, executable: '/usr/bin/tlsrpt' });
});
