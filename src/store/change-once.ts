/**
 * Opens something for one change, which is on disk when it returns, and lets go of it.
 */
interface Changed {
  checkpoint(): void;
  close(): void;
}

export function changeOnce<D extends Changed, T>(open: () => D, change: (opened: D) => T): T {
  const opened = open();
  try {
    const result = change(opened);
    opened.checkpoint();
    return result;
  } finally {
    opened.close();
  }
}
