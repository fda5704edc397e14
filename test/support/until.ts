/**
 * Waits for something that nobody announces, such as a file that another process writes.
 */
const LOOK_AGAIN_MS = 20;
const GIVE_UP_AFTER_LOOKS = 7_500;

/** Rejects when it has not come true after a long time. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let looks = 0; looks < GIVE_UP_AFTER_LOOKS; looks += 1) {
    if (isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  throw new Error(`it did not come true: ${isTrue.toString()}`);
}
