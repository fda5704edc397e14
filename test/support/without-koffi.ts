/**
 * The environment in which the executable can load no native library (see without-koffi.cjs).
 */
import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('without-koffi.cjs', import.meta.url));

export const withoutKoffi = { NODE_OPTIONS: `--require ${PRELOAD}` };
