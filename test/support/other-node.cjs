/** Loaded before the executable: Node.js says that it is the version in TLSRPT_TEST_NODE. */
'use strict';
const versions = { ...process.versions, node: process.env.TLSRPT_TEST_NODE };
Object.defineProperty(process, 'versions', { value: versions });
