/**
 * For what a test expects never to fail about one domain: then the test fails instead.
 */
export function rethrow(policyDomain: string, failure: unknown): never {
  throw new Error(`what changes about ${policyDomain} was not stored`, { cause: failure });
}
