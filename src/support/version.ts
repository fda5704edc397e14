/**
 * The version of this program; the build puts in what package.json says.
 */
declare const TLSRPT_VERSION: string | undefined;

export const VERSION: string = typeof TLSRPT_VERSION === 'string' ? TLSRPT_VERSION : '0.0.0-source';
