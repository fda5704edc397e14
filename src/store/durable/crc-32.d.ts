/** crc-32 ships types for its CRC-32 entry only; CRC-32C has the same function. */
declare module 'crc-32/crc32c.js' {
  /** The signed CRC-32C of `bytes`, continued from `seed`. */
  export function buf(bytes: Uint8Array, seed?: number): number;
}
