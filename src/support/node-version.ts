/**
 * Whether this Node.js has all that the program calls. What came last is `zlib.crc32`, in 20.15 and 22.2, and never in 21
 * (https://nodejs.org/api/zlib.html); the libraries need 20.19 of the former.
 *
 * Needs nothing of a newer Node.js itself, so that it can say so.
 */
/** As in package.json. */
export const NODE_VERSIONS = '>=20.19 <21 || >=22.2';

/** Why the program cannot run there, and what to do; undefined when it can. `version` is as in process.versions. */
export function whyUnsuitable(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 2) || major > 22) return undefined;
  return `Node.js ${version} lacks what tlsrpt needs. Run it with Node.js 20.19 or a later 20, or with 22.2 or later.`;
}
