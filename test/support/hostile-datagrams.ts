/**
 * Datagrams that nobody should send, one after the other, the same for the same seed: recorded ones, unharmed, mutated or cut off, random
 * bytes, wrong shapes, deep nesting, and as large as the kernel lets through.
 */
import { recordedDatagrams } from './datagrams.ts';
import { SeededRandom } from './seeded-random.ts';

/** What a sender's buffer of 212,992 bytes (net.core.wmem_default) has room for besides the kernel's own. */
const LARGEST = 212_000;
const MOST_MUTATIONS = 4;

/** How many in a thousand. */
const shares = { recorded: 300, mutated: 200, cutOff: 300, random: 150, shaped: 46, deep: 3, large: 1 } as const;

type Kind = keyof typeof shares;

export class HostileDatagrams {
  readonly #random: SeededRandom;
  readonly #recorded = recordedDatagrams();
  readonly #shaped = wrongShapes().map((json) => Buffer.from(JSON.stringify(json)));
  readonly #deep = deeplyNested().map((text) => Buffer.from(text));
  readonly #large: readonly Buffer[];
  readonly #kinds = Object.entries(shares).flatMap(([kind, share]) => Array<Kind>(share).fill(kind as Kind));

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#large = [...largeSessions().map((text) => Buffer.from(text)), this.#random.bytes(LARGEST)];
  }

  /** Those that come again and again. */
  get stock(): readonly Buffer[] {
    return [...this.#recorded, ...this.#shaped, ...this.#deep, ...this.#large];
  }

  next(): Buffer {
    const random = this.#random;
    switch (random.pick(this.#kinds)) {
      case 'recorded':
        return random.pick(this.#recorded);
      case 'mutated':
        return this.#mutated(random.pick(this.#recorded));
      case 'cutOff':
        return cutOff(random.pick(this.#recorded), random);
      case 'random':
        return random.bytes(random.below(200));
      case 'shaped':
        return random.pick(this.#shaped);
      case 'deep':
        return random.pick(this.#deep);
      case 'large':
        return random.pick(this.#large);
    }
  }

  #mutated(datagram: Buffer): Buffer {
    let mutated = Buffer.from(datagram);
    for (let left = 1 + this.#random.below(MOST_MUTATIONS); left > 0; left -= 1) {
      mutated = this.#random.pick(mutations)(mutated, this.#random, this.#recorded);
    }
    return mutated;
  }
}

type Mutation = (bytes: Buffer<ArrayBuffer>, random: SeededRandom, others: readonly Buffer[]) => Buffer<ArrayBuffer>;

const mutations: readonly Mutation[] = [flipBit, setByte, remove, repeat, insertToken, crossOver];

const tokens = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  'null',
  'true',
  '-1',
  '1e999',
  '""',
  '[[]]',
  '{}',
  '\0',
  '\\u0000',
];

function flipBit(bytes: Buffer<ArrayBuffer>, random: SeededRandom): Buffer<ArrayBuffer> {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function setByte(bytes: Buffer<ArrayBuffer>, random: SeededRandom): Buffer<ArrayBuffer> {
  bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

function remove(bytes: Buffer<ArrayBuffer>, random: SeededRandom): Buffer<ArrayBuffer> {
  const from = random.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(20))]);
}

function repeat(bytes: Buffer<ArrayBuffer>, random: SeededRandom): Buffer<ArrayBuffer> {
  const from = random.below(bytes.length);
  const to = from + 1 + random.below(50);
  return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
}

function insertToken(bytes: Buffer<ArrayBuffer>, random: SeededRandom): Buffer<ArrayBuffer> {
  const at = random.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(tokens)), bytes.subarray(at)]);
}

function crossOver(bytes: Buffer<ArrayBuffer>, random: SeededRandom, others: readonly Buffer[]): Buffer<ArrayBuffer> {
  const other = random.pick(others);
  return Buffer.concat([bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length))]);
}

function cutOff(bytes: Buffer, random: SeededRandom): Buffer {
  return bytes.subarray(0, random.below(bytes.length));
}

/** JSON, but with something else where a datagram has its domain, its policies and what is in them. */
function wrongShapes(): unknown[] {
  const odd = [
    undefined,
    null,
    true,
    0,
    -1,
    1e300,
    '',
    '\u0000',
    '\ud800',
    'ü'.repeat(200),
    [],
    [[]],
    {},
    [{}],
    [null],
  ];
  const d = 'shape.example';
  return odd.flatMap((value) => [
    { d: value, policies: [{ f: 0 }] },
    { d, policies: value },
    { d, pr: value, policies: [value, { 'policy-type': value, 'policy-domain': value, f: value, t: value }] },
    { d, policies: [{ 'policy-string': value, 'mx-host': value, 'failure-details': value }] },
    {
      d,
      policies: [{ f: 1, 'failure-details': [value, { c: value, s: value, n: value, h: value, r: value, a: value }] }],
    },
    { d, policies: Array(30 + odd.indexOf(value)).fill({ 'policy-type': 2, f: value }) },
    { ['__proto__']: { d: value }, constructor: value, d, policies: [{ f: 0 }] },
    [value],
  ]);
}

function deeplyNested(): string[] {
  return [100, 10_000, 100_000].flatMap((depth) => [
    '['.repeat(depth),
    '['.repeat(depth) + ']'.repeat(depth),
    `{"d":"deep.example","policies":[{"f":0}],"x":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    `{"d":"deep.example","policies":${'['.repeat(depth)}{"f":0}${']'.repeat(depth)}}`,
    '{"d":'.repeat(depth / 4),
    `${'{"d":'.repeat(depth / 4)}1${'}'.repeat(depth / 4)}`,
  ]);
}

function largeSessions(): string[] {
  const long = (length: number): string => 'x'.repeat(length);
  const session = (json: object): string => JSON.stringify({ d: 'large.example', policies: [{ f: 0 }], ...json });
  return [
    session({ pr: long(LARGEST - 100) }),
    session({ d: long(LARGEST - 100) }),
    session({
      policies: [{ 'policy-type': 2, 'policy-string': [long(100_000), long(100_000)], 'mx-host': [long(1_000)] }],
    }),
    session({ policies: [{ f: 1, 'failure-details': Array(2_000).fill({ c: 205, h: long(40), n: long(20) }) }] }),
    session({ policies: Array(32).fill({ 'mx-host': Array(300).fill('ü.example') }) }),
    '"'.padEnd(LARGEST, '\\'),
    '['.padEnd(LARGEST, '"",'),
    '0'.repeat(LARGEST),
    ' '.repeat(LARGEST),
    '\0'.repeat(LARGEST),
  ];
}
