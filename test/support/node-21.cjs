/**
 * Preloaded into the executable (NODE_OPTIONS=--require): Node.js gives itself out for an older one.
 */
'use strict';
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '21.7.3' } });
