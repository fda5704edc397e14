/**
 * Bundles src/main.ts and everything it needs into the one executable dist/tlsrpt.
 *
 * The WebAssembly of SQLite and the native part of koffi go in as brotli in base64, decompressed only when they are used. By default
 * the executable carries the native part for the machine it is built on (glibc and musl); `--release` adds the other architecture, for
 * which scripts/package, or `npm install --cpu=x64 --cpu=arm64`, must have brought koffi's packages.
 *
 * The code of each thread is bundled on its own (dist/threads/NAME.js) and goes in as well: once it runs, the program reads nothing
 * from its own file, which a package manager may replace meanwhile.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundledPackages, licencesText } from './licences.mjs';

const require = createRequire(import.meta.url);
const root = new URL('..', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
/** What `import.meta.url` means inside the CommonJS executable. */
const moduleUrl = "const moduleUrl = require('node:url').pathToFileURL(__filename).href;";
/**
 * Lines for sh, which JavaScript reads as strings and comments: where there is no Node.js, `env node` would say of what is missing no more than
 * its name. 69 is what a Node.js that is too old ends with.
 */
const NO_NODE =
  'error node-unsuitable: tlsrpt needs Node.js 20.19 or later, and there is no command node. Install it (Debian 13: apt install nodejs).';
const launcher = [
  '#!/bin/sh',
  `":" //; command -v node >/dev/null || { echo '${NO_NODE}' >&2; exit 69; }`,
  '":" //; exec node "$0" "$@"',
].join('\n');
/** The file that each thread begins with; src/support/thread.ts starts it by its name here. */
const daemonThreads = {
  http: 'src/adapters/http/http-thread.ts',
  reports: 'src/adapters/http/reports-thread.ts',
  receiver: 'src/adapters/datagram/receiver-thread.ts',
  tally: 'src/store/tally/tally-thread.ts',
};
/** The same of threads that do one task; src/support/thread-task.ts gives them SQLite, which their code need not hold. */
const tasks = {
  'copied-day': 'src/store/fetched/copied-day-thread.ts',
  mail: 'src/adapters/mail/mail-thread.ts',
  page: 'src/web/page/page-thread.ts',
  'posted-reports': 'src/pipeline/read/posted-reports-thread.ts',
  'sys4-database': 'src/sys4/sys4-database-thread.ts',
};
const threads = { ...daemonThreads, ...tasks };
/** Where scripts/package puts packages for the other architecture. */
const OTHER_NATIVES = `${root}dist/natives/`;
const LICENCES = `${root}dist/licences.txt`;
const architectures = process.argv.includes('--release') ? ['x64', 'arm64'] : [process.arch];

async function buildExecutable() {
  mkdirSync(`${root}dist`, { recursive: true });
  // The file has no extension; this keeps Node.js from reading it as an ES module because of the package.json above.
  writeFileSync(`${root}dist/package.json`, '{ "type": "commonjs" }\n');
  const bundles = Object.entries(threads).map(([name, entry]) => buildThread(name, entry));
  writeLicences(await Promise.all([...bundles, buildProgram({ embedded: () => embeddedNames, write: false })]));
  await buildProgram({ embedded: embeddedInProgram });
  chmodSync(`${root}dist/tlsrpt`, 0o755);
}

function buildProgram({ embedded, write = true }) {
  return build({
    ...common,
    entryPoints: ['src/main.ts'],
    outfile: 'dist/tlsrpt',
    write,
    banner: { js: `${launcher}\n${moduleUrl}` },
    define: { 'import.meta.url': 'moduleUrl', TLSRPT_VERSION: JSON.stringify(version) },
    plugins: [embedFiles(embedded), leaveOutNativeSsh, leaveOutTranslations, leaveOutOfImapflow, leaveOutOfPromClient],
  });
}

/** The native part of koffi comes with the licence of koffi, of which no JavaScript is in the program. */
function writeLicences(bundles) {
  const packages = [...bundledPackages(bundles.map(({ metafile }) => metafile)), 'node_modules/koffi'];
  writeFileSync(
    LICENCES,
    licencesText(
      readFileSync(`${root}LICENSE`, 'utf8'),
      packages.map((path) => `${root}${path}`),
    ),
  );
}

function buildThread(name, entry) {
  return build({
    ...common,
    entryPoints: [entry],
    outfile: threadFile(name),
    plugins: [embedFiles(name in tasks ? embeddedInTask : embeddedInThread), leaveOutOfMailauth],
  });
}

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** Puts a module that holds the files in the place of the one that reads them from node_modules. */
function embedFiles(contents) {
  return {
    name: 'embed-files',
    setup(bundler) {
      bundler.onLoad({ filter: /src\/support\/embedded-file\.ts$/ }, () => ({ contents: contents(), loader: 'js' }));
    },
  };
}

/** ssh2 uses these when they are there and does without them otherwise. */
const leaveOutNativeSsh = {
  name: 'leave-out-native-ssh',
  setup(bundler) {
    const filter = /(^cpu-features$|sshcrypto\.node$)/;
    bundler.onResolve({ filter }, ({ path }) => ({ path, namespace: 'left-out' }));
    bundler.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'throw new Error("not built in");' }));
  },
};

/** Messages are in English; zod's forty other languages are a seventh of the program. */
const leaveOutTranslations = {
  name: 'leave-out-translations',
  setup(bundler) {
    const filter = /zod\/v4\/locales\/index\.js$/;
    bundler.onLoad({ filter }, () => ({
      contents: 'export { default as en } from "./en.js";',
      resolveDir: `${root}node_modules/zod/v4/locales`,
    }));
  },
};

/**
 * Of what mailauth needs, verifying a signature takes little: whether a key is base64, and the boundary of a multipart, which it only tells.
 * Public suffixes are for its own judgement of alignment, which nobody asks for. Each of these is larger than all of the rest.
 */
const leaveOutOfMailauth = {
  name: 'leave-out-of-mailauth',
  setup(bundler) {
    const contents = {
      joi: `exports.string = () => ({ base64: () => ({ validate: (text) =>
        /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? {} : { error: new Error('not base64') } }) });`,
      tldts: 'exports.getDomain = (name) => name;',
      'iconv-lite': "exports.decode = (bytes) => bytes.toString('latin1');",
      'encoding-japanese': 'exports.convert = (bytes) => bytes;',
    };
    const filter = new RegExp(`^(?:${Object.keys(contents).join('|')})$`);
    bundler.onResolve({ filter }, ({ path }) => ({ path, namespace: 'left-out-of-mailauth' }));
    bundler.onLoad({ filter: /.*/, namespace: 'left-out-of-mailauth' }, ({ path }) => ({ contents: contents[path] }));
  },
};

/**
 * Of what imapflow needs, reading mails as they are takes little: it is given a logger and no proxy, and decodes nothing but the names of folders,
 * which are in modified UTF-7 (RFC 3501 5.1.3). All of it would be a third of the program.
 */
const leaveOutOfImapflow = {
  name: 'leave-out-of-imapflow',
  setup(bundler) {
    const nothing = 'module.exports = {};';
    const contents = {
      pino: nothing,
      socks: nothing,
      libmime: nothing,
      libqp: nothing,
      libbase64: nothing,
      'encoding-japanese': nothing,
      '@zone-eu/mailsplit': nothing,
      '@zone-eu/mailsplit/lib/flowed-decoder.js': nothing,
      'iconv-lite': `
        const { utf7imap: Codec } = require('iconv-lite/encodings/utf7.js');
        const plain = { decode: (bytes, charset) => charset === 'ascii' ? bytes.toString('latin1') : bytes.swap16().toString('utf16le') };
        const codec = new Codec({}, plain);
        exports.encode = (text) => { const to = new codec.encoder({}, codec); return Buffer.concat([to.write(text), to.end()]); };
        exports.decode = (bytes) => { const from = new codec.decoder({}, codec); return from.write(bytes) + from.end(); };`,
    };
    const filter = new RegExp(`^(?:${Object.keys(contents).join('|')})$`);
    const namespace = 'left-out-of-imapflow';
    bundler.onResolve({ filter }, ({ path, importer, resolveDir }) =>
      importer.includes('/imapflow/') ? { path, namespace, pluginData: { resolveDir } } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace }, ({ path, pluginData: { resolveDir } }) => ({
      contents: contents[path],
      resolveDir,
    }));
  },
};

/** Of prom-client, writing figures takes little: no metrics of Node.js, which want all of OpenTelemetry, no gateway, no cluster, no quantiles. */
const leaveOutOfPromClient = {
  name: 'leave-out-of-prom-client',
  setup(bundler) {
    const namespace = 'left-out-of-prom-client';
    const filter = /^(?:\.\/lib\/(?:defaultMetrics|pushgateway|cluster|summary)|tdigest|@opentelemetry\/api)$/;
    bundler.onResolve({ filter }, ({ path, importer }) =>
      importer.includes('/prom-client/') ? { path, namespace } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** What embedded-file.ts exports, for a bundle that only shows which packages go into it. */
const embeddedNames = `
  export const readSqliteWasm = () => undefined;
  export const readKoffiNative = () => undefined;
  export const readThreadCode = () => undefined;
  export const readLicences = () => undefined;`;

function embeddedInProgram() {
  const natives = architectures.flatMap((arch) => ['linux', 'musl'].map((libc) => nativeEntry(libc, arch)));
  const codes = Object.keys(threads).map((name) => `${JSON.stringify(name)}: ${packed(threadFile(name))}`);
  return `
    ${unpackSqlite()}
    const natives = { ${natives.join(', ')} };
    export const readKoffiNative = (platform) => Object.hasOwn(natives, platform) ? unpack(natives[platform]) : undefined;
    const codes = { ${codes.join(', ')} };
    export const readThreadCode = (name) => unpack(codes[name]).toString();
    export const readLicences = () => unpack(${packed(LICENCES)}).toString();`;
}

/** A thread loads the native part that the main thread has unpacked, and starts no other. */
function embeddedInThread() {
  return `
    ${unpackSqlite()}
    export const readKoffiNative = () => undefined;`;
}

function embeddedInTask() {
  return `
    import { workerData } from 'node:worker_threads';
    export const readSqliteWasm = () => workerData.sqliteWasm;
    export const readKoffiNative = () => undefined;
    export const readThreadCode = (name) => { throw new Error(\`a thread starts no other: \${name}\`); };`;
}

function unpackSqlite() {
  return `
    import { brotliDecompressSync } from 'node:zlib';
    const unpack = (text) => brotliDecompressSync(Buffer.from(text, 'base64'));
    export const readSqliteWasm = () => unpack(${packed(require.resolve('sql.js/dist/sql-wasm.wasm'))});`;
}

function threadFile(name) {
  return `${root}dist/threads/${name}.js`;
}

function nativeEntry(libc, arch) {
  const name = `node_modules/@koromix/koffi-linux-${arch}/${libc}_${arch}/koffi.node`;
  const file = [root, OTHER_NATIVES].map((folder) => `${folder}${name}`).find(existsSync);
  if (file === undefined)
    throw new Error(`koffi has no native part for ${libc} ${arch} in ${root} or ${OTHER_NATIVES} (${name})`);
  return `${libc}_${arch}: ${packed(file)}`;
}

function packed(file) {
  return JSON.stringify(brotliCompressSync(readFileSync(file)).toString('base64'));
}

await buildExecutable();
