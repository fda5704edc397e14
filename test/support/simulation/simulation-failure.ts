/**
 * Something that must be true is not.
 */
export class SimulationFailure extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'SimulationFailure';
  }
}
