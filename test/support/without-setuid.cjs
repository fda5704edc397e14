/**
 * For --require: Node.js as Debian 13 has it, which was built with a libuv of the system and so changes no user and no group.
 */
for (const name of ['setuid', 'seteuid', 'setgid', 'setegid', 'setgroups', 'initgroups'])
  process[name] = () => {
    throw Object.assign(new Error(`${name}() disabled: io_uring may be enabled. See CVE-2024-22017.`), {
      code: 'ERR_INVALID_STATE',
    });
  };
Object.defineProperty(process, 'versions', { value: { ...process.versions, uv: '1.50.0' } });
