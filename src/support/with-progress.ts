/**
 * Passes chunks on and tells how many bytes of `total` have been taken.
 */
export async function* withProgress(
  chunks: AsyncGenerator<Uint8Array>,
  total: number,
  progress: ((done: number, total: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of chunks) {
    yield chunk;
    done += chunk.length;
    progress?.(done, total);
  }
}
