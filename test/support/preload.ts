/**
 * What Node.js loads before a program, in its threads as well.
 */
import { fileURLToPath } from 'node:url';

type Environment = Readonly<Record<string, string>>;

/** The environment that loads files of this folder. */
export function preload(...names: readonly string[]): { readonly NODE_OPTIONS: string } {
  const paths = names.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  return { NODE_OPTIONS: paths.map((path) => `--require ${path}`).join(' ') };
}

/** Everything that any of them loads. */
export function preloadAll(...environments: readonly Environment[]): Environment {
  const options = environments.map(({ NODE_OPTIONS = '' }) => NODE_OPTIONS).filter((words) => words !== '');
  return { ...Object.assign({}, ...environments), NODE_OPTIONS: options.join(' ') } as Environment;
}
