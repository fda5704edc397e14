import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatagramBatch, visitPayload } from '#store/tally/datagram-payload.ts';
import type { PayloadVisitor } from '#store/tally/datagram-payload.ts';
import { payloadIn } from '#test/support/day-files.ts';

interface Said {
  readonly beginsAnew: boolean;
  readonly defined: [number, string][];
  readonly counts: Map<number, number>;
}

function saidBy(frame: Buffer): Said {
  const said = { beginsAnew: false, defined: [] as [number, string][], counts: new Map<number, number>() };
  visitPayload(payloadIn(frame), {
    beginAnew: () => {
      said.beginsAnew = true;
    },
    define: (number, bytes) => said.defined.push([number, bytes.toString('latin1')]),
    count: (number, times) => said.counts.set(number, (said.counts.get(number) ?? 0) + times),
  });
  return said;
}

const datagrams = fc.array(fc.record({ number: fc.nat({ max: 70_000 }), bytes: fc.uint8Array({ maxLength: 60 }) }));

describe('A payload of datagrams', () => {
  it('says what was defined and counted, in any number of frames', () => {
    const frames = fc.array(fc.record({ defined: datagrams, counted: fc.array(fc.nat({ max: 70_000 })) }));
    fc.assert(
      fc.property(frames, (contents) => {
        const batch = new DatagramBatch();
        for (const { defined, counted } of contents) {
          for (const { number, bytes } of defined) batch.define(number, bytes);
          for (const number of counted) batch.count(number);
          const counts = new Map<number, number>();
          for (const number of counted) counts.set(number, (counts.get(number) ?? 0) + 1);
          expect(batch.isEmpty).toBe(counted.length === 0);
          expect(saidBy(batch.cut())).toEqual({
            beginsAnew: false,
            defined: defined.map(({ number, bytes }) => [number, Buffer.from(bytes).toString('latin1')]),
            counts,
          });
          expect([batch.isEmpty, batch.sizeBytes]).toEqual([true, 0]);
        }
      }),
    );
  });

  it('says once that numbers begin anew, and keeps copies of the bytes', () => {
    const batch = new DatagramBatch();
    const bytes = Buffer.from('text');
    batch.beginAnew();
    batch.define(1, bytes);
    bytes.fill('x');
    batch.count(1);
    expect(saidBy(batch.cut())).toEqual({ beginsAnew: true, defined: [[1, 'text']], counts: new Map([[1, 1]]) });
    expect(saidBy(batch.cut())).toEqual({ beginsAnew: false, defined: [], counts: new Map() });
  });

  it('holds datagrams of any size', () => {
    const batch = new DatagramBatch();
    const large = Buffer.alloc(2_000_000, 'x');
    batch.define(7, large);
    batch.count(7);
    expect(saidBy(batch.cut()).defined).toEqual([[7, large.toString('latin1')]]);
    batch.define(8, Buffer.from('y'));
    expect(saidBy(batch.cut()).defined).toEqual([[8, 'y']]);
  });

  it('is nothing that ends elsewhere than it says, or has a number that no datagram has', () => {
    const whole = new DatagramBatch();
    whole.define(3, Buffer.from('text'));
    whole.count(3);
    const payload = payloadIn(whole.cut());
    const cuts = Array.from({ length: payload.length }, (_, length) => payload.subarray(0, length));
    const numbered = [8, 20].map((place) => withNumber(payload, place, 4_000_000_000));
    const endless = withNumber(payload, 4, 4_000_000_000);
    const others = cuts.filter(({ length }) => length !== 20);
    expect([...others, ...numbered, endless].filter((odd) => visitPayload(odd, tripwire))).toEqual([]);
  });

  it('visits nothing of bytes that nobody wrote as one, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect([true, false]).toContain(visitPayload(Buffer.from(bytes), ignored));
      }),
    );
  });
});

const ignored: PayloadVisitor = { beginAnew: () => undefined, define: () => undefined, count: () => undefined };

const fail = (): never => {
  throw new Error('it was visited');
};
const tripwire: PayloadVisitor = { beginAnew: fail, define: fail, count: fail };

function withNumber(payload: Buffer, place: number, number: number): Buffer {
  const odd = Buffer.from(payload);
  odd.writeUInt32LE(number, place);
  return odd;
}
