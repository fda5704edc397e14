import { describe, expect, it } from 'vitest';
import { PinnedAgents } from '#adapters/https/pinned-agents.ts';
import { postOnce } from '#adapters/https/post-once.ts';
import { optionsFor } from './receiver.ts';

describe('postOnce', () => {
  it('sends nothing when the time of the attempt was used up on the way', async () => {
    const options = { ...(await optionsFor(1)), allowPrivateDestinations: true };
    const agents = new PinnedAgents(options);
    const signal = AbortSignal.abort();
    const attempt = { options, agents, contentType: 'application/tlsrpt+gzip', body: Buffer.from('report'), signal };
    expect(await postOnce(new URL('https://127.0.0.1/'), attempt)).toEqual({
      kind: 'deferred',
      reply: '127.0.0.1: no answer in time (ETIMEDOUT)',
    });
    agents.close();
  });
});
