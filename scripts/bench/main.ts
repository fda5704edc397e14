/**
 * `npm run bench -- STAGE [WORDS]`: measures one stage; WORDS choose the scenarios whose name holds them, where there are several.
 */
import { benchCollect } from './collect.ts';
import { benchFetch } from './fetch.ts';
import { benchPage } from './page.ts';
import { benchPublish } from './publish.ts';
import { benchRead } from './read.ts';
import { benchReceive } from './receive.ts';
import { benchReport } from './report.ts';
import { benchSend } from './send.ts';

const stages: Readonly<Record<string, (filter: string) => Promise<void>>> = {
  collect: benchCollect,
  fetch: benchFetch,
  page: benchPage,
  publish: benchPublish,
  read: benchRead,
  receive: benchReceive,
  report: benchReport,
  send: benchSend,
};

const [, , name = '', ...words] = process.argv;
const stage = stages[name];
if (stage) await stage(words.join(' '));
else {
  process.stderr.write(`npm run bench -- ${Object.keys(stages).join('|')} [WORDS]\n`);
  process.exitCode = 64;
}
