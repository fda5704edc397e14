import { describe, expect, it } from 'vitest';
import { writeBulk } from '#adapters/opensearch/write-bulk.ts';
import type { BulkWrite } from '#adapters/opensearch/write-bulk.ts';
import { startHttpStandIn } from '#test/support/http-stand-in.ts';
import type { HttpStandIn } from '#test/support/http-stand-in.ts';
import { engineClientFor } from '#test/support/running-opensearch.ts';

const WRITE: BulkWrite = {
  ...{ index: 'p', version: 2, removed: ['gone'] },
  written: ['a', 'b'].map((id) => ({ id, source: { name: id } })),
};

/** Answers each bulk with one of the lists of statuses, the last one again and again. */
function answering(...bulks: readonly (readonly number[])[]): Promise<HttpStandIn> {
  return startHttpStandIn((_, response, number) => {
    const statuses = bulks[Math.min(number, bulks.length) - 1] ?? [];
    const items = statuses.map((status) => ({ [status === 404 ? 'delete' : 'index']: { status } }));
    response.end(JSON.stringify({ items }));
  });
}

function write({ url }: HttpStandIn, wish: Partial<BulkWrite> = {}): Promise<void> {
  return writeBulk(engineClientFor(url.href), { ...WRITE, ...wish });
}

describe('writeBulk', () => {
  it('sends again what the engine was too busy for, and nothing else', async () => {
    const server = await answering([201, 429, 404], [201]);
    await write(server);
    const [first, second] = server.requests.map(({ body }) => body.trimEnd().split('\n'));
    expect(first).toHaveLength(5);
    expect(second).toEqual(first?.slice(2, 4));
  });

  it('takes what is there in a later version for done', async () => {
    const server = await answering([409, 200, 409]);
    await write(server);
    expect(server.requests).toHaveLength(1);
  });

  it('tells what is refused', async () => {
    await expect(write(await answering([201, 400, 200]))).rejects.toMatchObject({ kind: 'refused' });
    await expect(write(await answering([201]))).rejects.toMatchObject({ kind: 'refused' });
  });

  it('ends soon after the signal, while it waits for a busy engine, as one that cannot be reached', async () => {
    const stopping = new AbortController();
    const server = await startHttpStandIn((_, response) => {
      response.end(JSON.stringify({ items: [201, 429, 200].map((status) => ({ index: { status } })) }));
      setTimeout(() => {
        stopping.abort();
      }, 50);
    });
    await expect(write(server, { signal: stopping.signal })).rejects.toMatchObject({ kind: 'unreachable' });
    expect(server.requests).toHaveLength(1);
  });
});
