/**
 * What the operator may want to hear of reports that are posted.
 */
export type ReportNews =
  /** What was posted is no report that can be taken. */
  | { readonly kind: 'refused'; readonly from: string; readonly why: string }
  /** More came from an address than is taken. */
  | { readonly kind: 'limited'; readonly from: string }
  /** Somebody was told to try again, as more comes than can be stored. */
  | { readonly kind: 'full'; readonly from: string }
  /** What comes from there comes by a proxy that no setting names, so all of its clients count as one. */
  | { readonly kind: 'unknown-proxy'; readonly from: string };
