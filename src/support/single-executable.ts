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
