import { expect, it } from 'vitest';
import { judgeUnits } from '#pipeline/doctor/judge-units.ts';
import type { UnitSource } from '#pipeline/doctor/judge-units.ts';

const packaged = { file: '/usr/lib/systemd/system/tlsrpt.service', executable: '/usr/bin/tlsrpt' };
const ofTarball = { file: '/usr/local/lib/systemd/system/tlsrpt.service', executable: '/usr/local/bin/tlsrpt' };

it.each<readonly [string, UnitSource | undefined, UnitSource | undefined]>([
  ['the package is alone', packaged, packaged],
  ['the tarball is alone', ofTarball, undefined],
  ['nothing is installed', undefined, undefined],
  ['the unit is a changed copy', { ...packaged, file: '/etc/systemd/system/tlsrpt.service' }, packaged],
  ['a drop-in runs something else', { ...packaged, executable: '/usr/bin/chrt' }, packaged],
])('There is nothing to say where %s', (_, used, ofPackage) => {
  expect(judgeUnits({ service: 'tlsrpt.service', used, packaged: ofPackage })).toEqual([]);
});

it('Units of the tarball keep those of the package from running', () => {
  expect(judgeUnits({ service: 'tlsrpt.service', used: ofTarball, packaged })).toEqual([
    expect.objectContaining({
      grade: 'warning',
      check: 'units',
      what: expect.stringMatching(
        /is \/usr\/local\/lib\/.* runs \/usr\/local\/bin\/tlsrpt: .*upgrades of the package/,
      ) as string,
    }),
  ]);
});
