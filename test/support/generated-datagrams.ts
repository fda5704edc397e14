/**
 * Generated datagrams as an MTA may send them: in order and odd in every place.
 */
import fc from 'fast-check';

export interface RawFailure {
  readonly c: number;
}

export interface RawPolicy {
  readonly f: 0 | 1;
  readonly 'failure-details': readonly RawFailure[];
}

export interface RawDatagram {
  readonly d: string;
  readonly policies: readonly RawPolicy[];
}

const FAILURE_CODES = [201, 202, 203, 204, 205, 301, 302, 303, 304, 305, 306];
const DOMAINS = [
  'good.example',
  'GOOD.example.',
  'bücher.example',
  '例え.jp',
  'xn--74h.example',
  '*.mx.example',
  '',
  'no name',
];
const ADDRESSES = ['192.0.2.1', '2001:DB8:0:0::1', 'fe80::1%eth0', '::ffff:192.0.2.1', '1::0:0:0:2', '300.1.1.1', ''];
const LINES = ['version: STSv1', 'mode: enforce', 'mode: none', 'mx: a.example', '', '3 1 1 ab cd', 'max_age: x\r'];
const INFORMATION = ['https://x.example/?a=1#b', 'free text', 'https://x.example/a b', 'x:'];

const domain = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...DOMAINS) }, fc.string({ unit: 'binary' }));
const text = fc.string({ unit: 'binary', maxLength: 20 });

const failure = fc.record(
  {
    c: fc.constantFrom(...FAILURE_CODES, 0, 999),
    s: fc.constantFrom(...ADDRESSES),
    n: domain,
    h: fc.constantFrom('mx.example', '250-mx.example hello\r\n250 STARTTLS', '[192.0.2.1]', '', ' '),
    r: fc.constantFrom(...ADDRESSES),
    a: fc.oneof(fc.constantFrom(...INFORMATION), text),
    f: text,
  },
  { requiredKeys: ['c'] },
);

const policy = fc.record(
  {
    'policy-type': fc.constantFrom(1, 2, 9, 0),
    'policy-domain': domain,
    'policy-string': fc.array(fc.oneof(fc.constantFrom(...LINES), text), { maxLength: 4 }),
    'mx-host': fc.array(domain, { maxLength: 3 }),
    'failure-details': fc.array(failure, { maxLength: 4 }),
    f: fc.constantFrom<0 | 1>(0, 1),
  },
  { requiredKeys: ['policy-type', 'failure-details', 'f'] },
);

/** Datagrams about one domain whose counts are plain to see. */
export const rawDatagrams: fc.Arbitrary<readonly RawDatagram[]> = fc.array(
  fc.record({ d: fc.constant('good.example'), policies: fc.array(policy, { minLength: 1, maxLength: 3 }) }),
  { maxLength: 8 },
);

const anything = fc.anything({ maxDepth: 1, maxKeys: 3 });
const oddFailure = fc.dictionary(fc.constantFrom('c', 's', 'n', 'h', 'r', 'a', 'f'), anything, { maxKeys: 7 });
const oddPolicy = fc.dictionary(
  fc.constantFrom('policy-type', 'policy-domain', 'policy-string', 'mx-host', 'failure-details', 'f', 't'),
  fc.oneof(anything, fc.array(oddFailure, { maxLength: 3 })),
  { maxKeys: 7 },
);

/** JSON with the right keys and anything behind them. */
export const oddDatagrams: fc.Arbitrary<readonly unknown[]> = fc.array(
  fc.record({ d: fc.constant('good.example'), policies: fc.array(oddPolicy, { maxLength: 3 }) }),
  { maxLength: 3 },
);
