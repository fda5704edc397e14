/**
 * Makes one file of a script of the benchmark, so that it runs in a process of its own without a loader.
 */
import { build } from 'esbuild';

const MODULE_URL = "const moduleUrl = require('node:url').pathToFileURL(process.cwd() + '/package.json').href;";
/** CommonJS packages inside an ES module ask for it. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export async function bundle(entry: string, outfile: string, format: 'cjs' | 'esm' = 'cjs'): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    banner: { js: format === 'cjs' ? MODULE_URL : REQUIRE },
    define: format === 'cjs' ? { 'import.meta.url': 'moduleUrl' } : {},
    logLevel: 'error',
  });
}
