/**
 * Preloaded into the executable (NODE_OPTIONS=--require): Node.js as Debian 13 has it, which becomes no other user.
 */
'use strict';

for (const name of ['initgroups', 'setgroups', 'setgid', 'setegid', 'setuid', 'seteuid'])
  process[name] = () => {
    throw new Error(`${name}() disabled: io_uring may be enabled. See CVE-2024-22017.`);
  };
