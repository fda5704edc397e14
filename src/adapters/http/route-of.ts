/**
 * What a request asks for, by its method and path.
 */
export type Route =
  | { readonly kind: 'greeting' }
  /** One of Halon's documents. */
  | { readonly kind: 'document'; readonly index: string }
  /** Many of them. */
  | { readonly kind: 'bulk'; readonly index: string }
  /** Datagrams. */
  | { readonly kind: 'sessions' }
  | { readonly kind: 'wrong-method'; readonly allowed: string }
  | { readonly kind: 'unknown' };

const DEFAULT_INDEX = 'tlsrpt';
/** As long as Elasticsearch lets one be. */
const MOST_INDEX_BYTES = 255;
const DOCUMENT = /^\/([^/]+)\/_doc\/?$/;
const BULK = /^(?:\/([^/]+))?\/_bulk\/?$/;

/** `url`: with what stands behind a question mark, which changes nothing. */
export function routeOf(method: string, url: string): Route {
  const [path = ''] = url.split('?');
  if (path === '/') return byMethod(method, ['GET', 'HEAD'], { kind: 'greeting' });
  if (path === '/v1/sessions') return byMethod(method, ['POST'], { kind: 'sessions' });
  const [isDocument, documentIndex] = DOCUMENT.exec(path) ?? [];
  if (isDocument !== undefined) return ofIndex(method, ['POST'], 'document', documentIndex);
  const [isBulk, bulkIndex = DEFAULT_INDEX] = BULK.exec(path) ?? [];
  return isBulk === undefined ? { kind: 'unknown' } : ofIndex(method, ['POST', 'PUT'], 'bulk', bulkIndex);
}

function ofIndex(method: string, allowed: string[], kind: 'document' | 'bulk', encoded = ''): Route {
  const index = decoded(encoded);
  if (index === undefined || Buffer.byteLength(index) > MOST_INDEX_BYTES) return { kind: 'unknown' };
  return byMethod(method, allowed, { kind, index });
}

function byMethod(method: string, allowed: readonly string[], route: Route): Route {
  return allowed.includes(method) ? route : { kind: 'wrong-method', allowed: allowed.join(', ') };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
