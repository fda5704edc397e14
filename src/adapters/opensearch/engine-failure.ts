/**
 * Why OpenSearch or Elasticsearch did not do what it was asked for.
 *
 * `unreachable` may pass: the network, a server that is busy or down. `refused` stays so until somebody changes something there or here.
 */
export class EngineFailure extends Error {
  readonly kind: 'unreachable' | 'refused';

  /** `why` is a sentence without its full stop. */
  constructor(kind: 'unreachable' | 'refused', why: string, options: ErrorOptions = {}) {
    super(why, options);
    this.name = 'EngineFailure';
    this.kind = kind;
  }
}
