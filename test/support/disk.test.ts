import { systemDisk } from '#support/disk.ts';
import { describeDisk } from '#test/contracts/disk.contract.ts';
import { scratchDirectory } from './scratch.ts';

describeDisk('systemDisk', () => ({ disk: systemDisk, root: scratchDirectory() }));
