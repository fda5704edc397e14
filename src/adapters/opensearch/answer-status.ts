/**
 * The statuses by which a search engine says what may be so: of an answer, or of one document of a bulk.
 */
export const NOT_FOUND = 404;
/** Somebody else was first, or what is there is later. */
export const CONFLICT = 409;
/** Of a document: too many requests, and shards that have no primary at the moment. */
export const DOCUMENT_BUSY: readonly number[] = [429, 503];
