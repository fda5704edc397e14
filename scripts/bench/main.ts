/**
 * `npm run bench -- collect|fetch [WORDS]`: measures one stage; WORDS choose the scenarios whose name holds them.
 */
import { benchCollect } from './collect.ts';
import { benchFetch } from './fetch.ts';

const [, , stage, ...words] = process.argv;
if (stage === 'collect') await benchCollect(words.join(' '));
else if (stage === 'fetch') await benchFetch(words.join(' '));
else {
  process.stderr.write('npm run bench -- collect|fetch [WORDS]\n');
  process.exitCode = 64;
}
