/**
 * Where the receiver thread begins. It is bundled on its own (scripts/build.mjs): what is imported here, the thread has in memory.
 */
import { workerData } from 'node:worker_threads';
import { drainSocket } from './drain-socket.ts';
import type { Draining } from './drain-socket.ts';

drainSocket(workerData as Draining);
