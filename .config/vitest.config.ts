import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Their tests change nothing that others meet, so many files share a process, and none has to be started for each. */
const TOGETHER = ['config', 'pipeline', 'sys4', 'tlsrpt'].map((folder) => `test/${folder}/**/*.test.ts`);
/** What comes when is a part of what they prove, so they have the machine to themselves when all others have run. */
const ALONE = ['test/end-to-end/killed-collector.test.ts'];
const limits = { testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  root,
  test: {
    globalSetup: ['test/support/build-executable.ts'],
    // Most of them wait for processes that they have started, so one more than there are processors goes well.
    maxWorkers: availableParallelism() + 1,
    projects: [
      { root, test: { name: 'together', include: TOGETHER, isolate: false, ...limits } },
      { root, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: [...TOGETHER, ...ALONE], ...limits } },
      { root, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 }, ...limits } },
    ],
  },
});
