/**
 * The thread on which a copied day is verified.
 */
import { answerTask } from '#support/answer-task.ts';
import { systemDisk } from '#support/disk.ts';
import { loadSqlite } from '../durable/sqlite.ts';
import { verifyCopy } from './verify-copy.ts';
import type { CopiedDay } from './verify-copy.ts';

void answerTask(async (copy: CopiedDay) => verifyCopy({ sqlite: await loadSqlite(), disk: systemDisk }, copy));
