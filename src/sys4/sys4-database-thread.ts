/**
 * The thread on which a database of sys4's is read.
 */
import { Store } from '#store/store.ts';
import { answerTask } from '#support/answer-task.ts';
import { convertDatabase } from './convert-database.ts';
import type { Conversion } from './convert-database.ts';

void answerTask(async (conversion: Conversion) => convertDatabase(await Store.open(conversion.storePath), conversion));
