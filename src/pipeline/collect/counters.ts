/**
 * Figures about the collector's own work: sums that grow, and peaks that are kept when they are higher.
 */
export class Counters {
  readonly sums = new Map<string, number>();
  readonly peaks = new Map<string, number>();

  add(name: string, count: number): void {
    this.sums.set(name, (this.sums.get(name) ?? 0) + count);
  }

  peak(name: string, value: number): void {
    this.peaks.set(name, Math.max(this.peaks.get(name) ?? 0, value));
  }

  addAll({ sums, peaks }: Counters): void {
    for (const [name, count] of sums) this.add(name, count);
    for (const [name, value] of peaks) this.peak(name, value);
  }
}
