/**
 * The port by which check fetches an MTA-STS policy as a sender does (RFC 8461 3.3).
 *
 * Bounded in time and size; redirects are not followed. Nothing rejects.
 */
export type FetchedPolicy =
  | { readonly kind: 'fetched'; readonly text: string; readonly contentType: string | undefined }
  /** The certificate of the web server is not valid for its name. */
  | { readonly kind: 'certificate-invalid'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

export interface PolicyFetcher {
  fetch(url: URL): Promise<FetchedPolicy>;
  /** Ends the connections that are kept. */
  close(): void;
}
