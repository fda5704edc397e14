/** `folder` may import itself and `below`, nothing else under src. */
const layer = (folder, below, comment) => ({
  name: `${folder}-looks-down-only`, comment, severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...below].join('|')})/` },
});
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', comment: 'Two modules in a cycle are one module in two files.', from: {}, to: { circular: true } },
    layer('tlsrpt', [], 'The model of RFC 8460 knows only itself.'),
    layer('support', [], 'Nothing in support knows what TLSRPT is.'),
    layer('events', ['tlsrpt', 'support'], 'Events carry model values, never services.'),
    layer('store', ['tlsrpt', 'support'], 'The store keeps values; it runs no stage.'),
    layer('pipeline', ['store', 'events', 'tlsrpt', 'support'], 'A stage reaches the world through ports it declares.'),
    layer('config', ['events', 'tlsrpt', 'support'], 'Settings are values; cli turns them into objects.'),
    { name: 'stages-meet-in-the-store', severity: 'error', comment: 'Stages hand over through the store, never by import.',
      from: { path: '^src/pipeline/([^/]+)/' }, to: { path: '^src/pipeline/', pathNot: '^src/pipeline/$1/' } },
    { name: 'adapters-see-only-port-types', severity: 'error', comment: 'An adapter implements a port; it calls no stage.',
      from: { path: '^src/adapters/' }, to: { path: '^src/(pipeline|store|cli|config)/', dependencyTypesNot: ['type-only'] } },
    { name: 'one-technology-per-adapter', severity: 'error', comment: 'Adapters do not know each other.',
      from: { path: '^src/adapters/([^/]+)/' }, to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' } },
    { name: 'model-does-no-io', severity: 'error', comment: 'No node:*, no npm, in the model.',
      from: { path: '^src/tlsrpt/' }, to: { dependencyTypes: ['core', 'npm'] } },
    { name: 'sql-stays-in-store', severity: 'error', comment: 'One folder speaks SQL.', from: { path: '^src/', pathNot: '^src/store/' }, to: { path: 'node_modules/sql[.]js' } },
    { name: 'yargs-stays-in-cli', severity: 'error', comment: 'One folder parses argv.', from: { path: '^src/', pathNot: '^src/(cli/|main[.]ts)' }, to: { path: 'node_modules/yargs' } },
    { name: 'cross-folder-imports-start-with-#', severity: 'error', comment: 'So that direction shows in the import line.',
      from: { path: '^(src/[^/]+|test)/' }, to: { path: '^src/', pathNot: '^$1/', dependencyTypesNot: ['aliased-subpath-import'] } },
    { name: 'src-never-imports-test', severity: 'error', comment: 'Test helpers stay in test.', from: { path: '^src/' }, to: { path: '^test/' } },
    { name: 'nothing-unreachable', severity: 'error', comment: 'Dead wood.', from: { path: '^src/main[.]ts$' }, to: { path: '^src/', pathNot: '[.]d[.]ts$', reachable: false } },
  ],
  options: { tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, doNotFollow: { path: 'node_modules' }, enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] } },
};
