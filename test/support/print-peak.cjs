/** Says at the end of the process how much memory it had at most: `peak N MB`, on a line of stderr. */
const { readFileSync, writeSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

if (isMainThread)
  process.on('exit', () => {
    const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    writeSync(2, `peak ${Math.round(Number(kilobytes) / 1024)} MB\n`);
  });
