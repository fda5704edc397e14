/**
 * `npm run bench -- collect [WORDS]`, `npm run bench -- send`: measures one stage; WORDS choose the scenarios whose name holds them.
 */
import { benchCollect } from './collect.ts';
import { benchSend } from './send.ts';

const [, , stage, ...words] = process.argv;
if (stage === 'collect') await benchCollect(words.join(' '));
else if (stage === 'send') await benchSend();
else {
  process.stderr.write('npm run bench -- collect [WORDS]\nnpm run bench -- send\n');
  process.exitCode = 64;
}
