/**
 * `npm run bench -- collect [WORDS]`: measures one stage; WORDS choose the scenarios whose name holds them.
 */
import { benchCollect } from './collect.ts';

const [, , stage, ...words] = process.argv;
if (stage === 'collect') await benchCollect(words.join(' '));
else {
  process.stderr.write('npm run bench -- collect [WORDS]\n');
  process.exitCode = 64;
}
