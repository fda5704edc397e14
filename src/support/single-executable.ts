/**
 * What is special about the executable that has Node.js in it; `npm run native` makes it.
 */
import { getAsset, isSea } from 'node:sea';

/** What follows the licences of what the program consists of where Node.js is a part of it; otherwise empty. */
export function licencesOfNode(): string {
  return isSea()
    ? `\n${'-'.repeat(78)}\n\nNode.js ${process.versions.node}\n\n${getAsset('node-licence', 'utf8')}`
    : '';
}

/** What starts this program once more, before the words that are typed behind its name: the file alone where Node.js is in it, else Node.js with it. */
export function ownCommand(): readonly [string, ...string[]] {
  const { execPath, execArgv, argv } = process;
  return isSea() ? [execPath] : [execPath, ...execArgv, ...argv.slice(1, 2)];
}
