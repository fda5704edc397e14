import { describe, expect, it } from 'vitest';
import { publishFollowing, publishOnce } from '#pipeline/publish/publish-days.ts';
import { DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { startHttpStandIn } from '#test/support/http-stand-in.ts';
import { hasOpenSearch } from '#test/support/opensearch.ts';
import { PublishingHost } from '#test/support/publishing-host.ts';
import { runningOpenSearch } from '#test/support/running-opensearch.ts';

const NEXT = '2026-11-20' as typeof DAY;
const A = makeDatagram({ domain: 'a.example', failures: [{ code: 201 }] });
const B = makeDatagram({ domain: 'b.example', failures: [{ code: 201 }] });

describe.runIf(hasOpenSearch())('publishOnce', () => {
  const engine = runningOpenSearch();

  it('removes what a killed publication wrote last, where searches see it late', async () => {
    const host = await PublishingHost.make(engine());
    host.days.collect([A]);
    await publishOnce(host.options());
    await host.ask('PUT', `-policies-${DAY}/_settings`, { index: { refresh_interval: '-1' } });
    const index = host.index();
    const origin = host.days.store.identity();
    const known = (await index.notes(origin)).get(DAY);
    const { publication } = await index.begin(known?.note ?? expect.fail('no note'), known);
    const gone = { id: 'gone', digest: 'x', content: { origin, day: DAY, domain: 'gone.example' } };
    await index.write({ day: DAY, publication, written: [gone], removed: [] });
    host.days.collect([B]);
    await publishOnce(host.options());
    expect((await host.documents()).map(({ domain }) => domain)).toEqual(['a.example', 'b.example']);
  });

  it('writes what has changed also when the notes were lost, or are old ones again', async () => {
    const host = await PublishingHost.make(engine());
    for (let times = 1; times <= 3; times += 1) {
      host.days.collect([A]);
      await publishOnce(host.options());
    }
    await host.ask('DELETE', '-days');
    host.days.collect([A]);
    await publishOnce(host.options());
    expect(await host.documents()).toEqual([{ version: 4, domain: 'a.example', failed: 4 }]);
    expect(await host.note()).toMatchObject({ publication: 4, published: 4, 'total-failure-session-count': 4 });
  });

  it('publishes the other days when the engine refuses one', async () => {
    const host = await PublishingHost.make(engine());
    host.days.collect([A]);
    host.days.collect([A], { day: NEXT });
    await publishOnce(host.options());
    await host.ask('PUT', `-policies-${DAY}/_settings`, { index: { 'blocks.write': true } });
    host.days.collect([B]);
    host.days.collect([B], { day: NEXT });
    await expect(publishOnce(host.options())).rejects.toMatchObject({
      code: 'cluster-refused',
      message: expect.stringContaining(`what is published of ${DAY}: it refused a document: index`) as string,
    });
    expect(await host.documents(DAY)).toHaveLength(1);
    expect(await host.documents(NEXT)).toHaveLength(2);
  });

  it('says that nothing takes its documents where no index is made for them', async () => {
    const host = await PublishingHost.make(engine());
    host.days.collect([A]);
    const settings = (value: string | null): Promise<unknown> =>
      engine().ask('PUT', '/_cluster/settings', { transient: { 'action.auto_create_index': value } });
    await settings('+*-days,-*');
    try {
      await expect(publishOnce(host.options())).rejects.toMatchObject({ code: 'cluster-refused' });
    } finally {
      await settings(null);
    }
    expect(await host.note()).toMatchObject({ publication: 1, published: 0 });
  });

  it('takes the template of an administrator who says in other words which version it is', async () => {
    const host = await PublishingHost.make(engine());
    await host.index().prepare();
    const path = `/_index_template/${host.prefix}`;
    const { index_templates: made } = (await engine().ask('GET', path)) as {
      index_templates: [{ index_template: object }];
    };
    await engine().ask('PUT', path, { ...made[0].index_template, _meta: { version: '1', owner: 'somebody' } });
    await host.index().prepare();
    expect(JSON.stringify(await engine().ask('GET', path))).toContain('somebody');
  });
});

describe.runIf(hasOpenSearch())('publishFollowing', () => {
  const engine = runningOpenSearch();

  it('publishes all of a day again when its documents were removed meanwhile', async () => {
    const host = await PublishingHost.make(engine());
    host.days.collect([A, B]);
    let rounds = 0;
    const { store } = host.days;
    const reading = store.sessions.read.bind(store.sessions);
    store.sessions.read = (day) => {
      const reader = reading(day);
      return reader && Object.defineProperty(reader, 'closed', { value: false }); // as of a day that goes on
    };
    host.clock.sleep = async () => {
      rounds += 1;
      if (rounds === 1) await host.ask('DELETE', `-policies-${DAY}`);
      if (rounds === 1) host.days.collect([A]);
      else host.stopping.abort();
    };
    await publishFollowing({ ...host.options(), clock: host.clock });
    expect((await host.documents()).map(({ domain, failed }) => [domain, failed])).toEqual([
      ['a.example', 2],
      ['b.example', 1],
    ]);
    expect(await host.note()).toMatchObject({ publication: 3, published: 3, documents: 2 });
  });
});

it.each(['{}', 'null', '[]', ''])('An engine that answers %j to everything is told of as one', async (answer) => {
  const standIn = await startHttpStandIn((_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(answer);
  });
  const host = await PublishingHost.make({} as never);
  host.days.collect([A]);
  await expect(publishOnce(host.options(host.index(standIn.url.origin)))).rejects.toMatchObject({
    code: 'cluster-refused',
  });
});
