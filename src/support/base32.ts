/**
 * Base32 in lower case and without padding (RFC 4648 6): for names in which the case of letters may be lost on the way.
 */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const BITS = 5;

export function base32Of(bytes: Uint8Array): string {
  let [text, bits, pending] = ['', 0, 0];
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xf_ff;
    for (pending += 8; pending >= BITS; pending -= BITS) text += ALPHABET.charAt((bits >> (pending - BITS)) & 31);
  }
  return pending === 0 ? text : text + ALPHABET.charAt((bits << (BITS - pending)) & 31);
}

/** In whatever case; undefined for what `base32Of` gives for no bytes. */
export function fromBase32(text: string): Buffer | undefined {
  const values = Array.from(text.toLowerCase(), (character) => ALPHABET.indexOf(character));
  const bytes = Buffer.alloc(Math.floor((text.length * BITS) / 8));
  let [length, bits, pending] = [0, 0, 0];
  for (const value of values) {
    bits = ((bits << BITS) | value) & 0xf_ff;
    pending += BITS;
    if (pending < 8) continue;
    pending -= 8;
    bytes[length] = bits >> pending;
    length += 1;
  }
  return !values.includes(-1) && base32Of(bytes) === text.toLowerCase() ? bytes : undefined;
}
