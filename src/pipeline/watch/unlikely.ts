/**
 * Whether so many failures are more than chance makes of what a domain had before.
 *
 * By Chernoff's bound: the probability of a share `s` among `n` sessions where `p` is expected is at most exp(-n D), with D the relative entropy of
 * the two. With what thousands of domains do all day long, one in 100 million is once in months.
 */
export interface Outcomes {
  readonly successful: number;
  readonly failed: number;
}

const LEAST_SURPRISE = Math.log(1e8);

export function shareOf({ successful, failed }: Outcomes): number {
  const sessions = successful + failed;
  return sessions === 0 ? 0 : failed / sessions;
}

/** The share to expect after what was seen; never quite none, as a few sessions show little. */
export function expectedShare({ successful, failed }: Outcomes): number {
  return (failed + 0.5) / (successful + failed + 1);
}

export function isUnlikely(seen: Outcomes, before: Outcomes): boolean {
  const [share, expected] = [shareOf(seen), expectedShare(before)];
  if (share <= expected) return false;
  const entropy = part(share, expected) + part(1 - share, 1 - expected);
  return (seen.successful + seen.failed) * entropy >= LEAST_SURPRISE;
}

function part(share: number, expected: number): number {
  return share === 0 ? 0 : share * Math.log(share / expected);
}
