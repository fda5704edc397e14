/** Nothing that is not used: files, exports, dependencies. `npm run check` runs it, and there is no list of exceptions for code. */
export default {
  entry: [
    'src/main.ts',
    // The threads; scripts/build.mjs bundles each on its own.
    'src/adapters/datagram/receiver-thread.ts',
    'src/adapters/http/http-thread.ts',
    'src/adapters/http/reports-thread.ts',
    'src/adapters/mail/mail-thread.ts',
    'src/pipeline/read/posted-reports-thread.ts',
    'src/store/fetched/copied-day-thread.ts',
    'src/store/tally/tally-thread.ts',
    'src/sys4/sys4-database-thread.ts',
    'src/web/page/page-thread.ts',
    'scripts/*.{ts,mjs}',
    'scripts/bench/*.ts',
    // Run by scripts/test-debian.
    'scripts/debian/main.ts',
    'scripts/debian/peers.ts',
    // `npm run native` and scripts/test-native.
    'scripts/native/{main,test}.ts',
    // Run by scripts/test-container.
    'scripts/container/main.ts',
    'scripts/container/peers.ts',
    'test/**/*.test.ts',
    'test/support/*.cjs',
    '.config/*.js',
  ],
  project: ['src/**/*.ts', 'test/**/*.{ts,cjs}', 'scripts/**/*.{ts,mjs}', '.config/*.js'],
  // A type that an exported signature names may be named by whoever calls it.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Run by scripts/check.
  ignoreDependencies: ['dependency-cruiser'],
  // Of the system, in tests.
  ignoreBinaries: [
    'chroot',
    'debootstrap',
    'ip',
    'java',
    'lintian',
    'mkfifo',
    'promtool',
    'setpriv',
    'sqlite3',
    'ssh-keygen',
    'unshare',
  ],
  rules: {
    // `path` is a kind of setting that takes the same values as `text`; which of the two it is is for people.
    duplicates: 'off',
  },
};
