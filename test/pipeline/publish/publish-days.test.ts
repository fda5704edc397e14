import { describe, expect, it } from 'vitest';
import { publishFollowing, publishOnce } from '#pipeline/publish/publish-days.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { hasOpenSearch } from '#test/support/opensearch.ts';
import { PublishingHost } from '#test/support/publishing-host.ts';
import { runningOpenSearch } from '#test/support/running-opensearch.ts';

const [A, B] = [
  makeDatagram({ domain: 'a.example' }),
  makeDatagram({ domain: 'b.example', failures: [{ code: 201 }] }),
];

describe.runIf(hasOpenSearch())('publishOnce', () => {
  const engine = runningOpenSearch();

  it('publishes each policy with absolute counts, and says in the end how complete the day is', async () => {
    const scene = await PublishingHost.make(engine());
    scene.days.collect([A, A, B]);
    expect(await publishOnce(scene.options())).toEqual([]);
    expect(await scene.documents()).toEqual([
      { version: 1, domain: 'a.example', failed: 0 },
      { version: 1, domain: 'b.example', failed: 1 },
    ]);
    expect(await scene.note()).toMatchObject({
      day: DAY,
      origin: scene.days.store.identity(),
      host: 'mx1',
      closed: true,
      publication: 1,
      published: 1,
      documents: 2,
      'total-successful-session-count': 2,
      'total-failure-session-count': 1,
    });
  });

  it('writes only what has changed since, whoever published it', async () => {
    const scene = await PublishingHost.make(engine());
    scene.days.collect([A, B]);
    await publishOnce(scene.options());
    await publishOnce(scene.options());
    expect(scene.events.map(({ name }) => name)).toEqual(['day-published']);
    scene.days.collect([B]);
    await publishOnce(scene.options());
    expect(await scene.documents()).toEqual([
      { version: 1, domain: 'a.example', failed: 0 },
      { version: 2, domain: 'b.example', failed: 2 },
    ]);
    expect(await scene.note()).toMatchObject({ publication: 2, published: 2, documents: 2 });
  });

  it('removes what is not in the day any more', async () => {
    const scene = await PublishingHost.make(engine());
    scene.days.collect([A]);
    await publishOnce(scene.options());
    const index = scene.index();
    const origin = scene.days.store.identity();
    const known = (await index.notes(origin)).get(DAY);
    const begun = await index.begin(known?.note ?? expect.fail('no note'), known);
    const gone = { id: 'gone', digest: 'x', content: { origin, day: DAY, domain: 'gone.example' } };
    await index.write({ day: DAY, publication: begun.publication, written: [gone], removed: [] });
    await index.settle(origin, DAY);
    await index.finish({ ...begun.note, version: 'another' }, begun);
    expect(await scene.documents()).toHaveLength(2);
    await publishOnce(scene.options());
    expect((await scene.documents()).map(({ domain }) => domain)).toEqual(['a.example']);
  });

  it('goes on where a publication was killed, and lets nothing that comes late undo it', async () => {
    const scene = await PublishingHost.make(engine());
    scene.days.collect([A]);
    await publishOnce(scene.options());
    const index = scene.index();
    const known = (await index.notes(scene.days.store.identity())).get(DAY);
    const killed = await index.begin(known?.note ?? expect.fail('no note'), known);
    expect(await scene.note()).toMatchObject({ publication: 2, published: 1, closed: true });
    scene.days.collect([A, B]);
    await publishOnce(scene.options());
    expect(await scene.note()).toMatchObject({ publication: 3, published: 3, documents: 2 });
    const before = await scene.documents();
    const [late] = [...(await index.documents(scene.days.store.identity(), DAY)).digests.keys()];
    await index.write({
      day: DAY,
      publication: killed.publication,
      written: [{ id: late ?? '', digest: 'x', content: { domain: 'a.example', 'total-failure-session-count': 9 } }],
      removed: [],
    });
    await engine().ask('POST', `/${scene.prefix}-policies-${DAY}/_refresh`);
    expect(await scene.documents()).toEqual(before);
  });

  it('says that somebody else publishes under the same identity', async () => {
    const scene = await PublishingHost.make(engine());
    scene.days.collect([A]);
    await publishOnce(scene.options());
    const index = scene.index();
    const known = (await index.notes(scene.days.store.identity())).get(DAY);
    await index.begin(known?.note ?? expect.fail('no note'), known);
    await expect(index.begin(known?.note ?? expect.fail('no note'), known)).rejects.toMatchObject({
      code: 'cluster-conflict',
    });
  });

  it('tells that a copy of the state directory has published the day, by its name or by what it saw', async () => {
    const scene = await PublishingHost.make(engine());
    const names = (): string[] => scene.events.map(({ name }) => name);
    scene.days.collect([A]);
    await publishOnce(scene.options());
    scene.days.collect([B]);
    await publishOnce(scene.options());
    expect(names()).not.toContain('publication-replaced');
    scene.days.collect([A]);
    await publishOnce({ ...scene.options(), host: 'mx2' });
    expect(scene.events.at(-2)).toMatchObject({
      ...{ name: 'publication-replaced', level: 'warning' },
      facts: { day: DAY, host: 'mx1', sessions: 2, here: 3 },
    });

    const copy = await CollectedDays.make(scene.days.store.identity());
    copy.collect([A]);
    await publishOnce({ ...scene.options(), store: copy.store, host: 'mx2' });
    expect(scene.events.at(-2)).toMatchObject({ name: 'publication-replaced', facts: { sessions: 3, here: 1 } });
  });

  it('leaves a template that somebody has changed as it is', async () => {
    const scene = await PublishingHost.make(engine());
    await scene.index().prepare();
    const path = `/_index_template/${scene.prefix}`;
    const { index_templates: made } = (await engine().ask('GET', path)) as {
      index_templates: [{ index_template: { template: object } }];
    };
    const { index_template: template } = made[0];
    const changed = { ...template, template: { ...template.template, settings: { number_of_shards: 2 } } };
    await engine().ask('PUT', path, changed);
    await scene.index().prepare();
    expect(JSON.stringify(await engine().ask('GET', path))).toContain('"number_of_shards":"2"');
  });

  it('takes what Lucene has no room for in a term, and more failures than one document may have', async () => {
    const scene = await PublishingHost.make(engine());
    const record = `v=TLSRPTv1;rua=mailto:a@a.example;x=${'x'.repeat(40_000)}`;
    const failures = Array.from({ length: 20 }, (_, batch) =>
      makeDatagram({
        domain: 'a.example',
        record,
        failures: Array.from({ length: 90 }, (__, n) => ({
          code: 201,
          receivingIp: `192.0.${String(batch)}.${String(n)}`,
        })),
      }),
    );
    scene.days.collect(failures);
    expect(await publishOnce(scene.options())).toEqual([]);
    const documents = await scene.documents();
    expect(documents.length).toBeGreaterThanOrEqual(2);
    expect(documents.map(({ failed }) => failed)).toContain(20);
    expect(await scene.note()).toMatchObject({ documents: documents.length, 'total-failure-session-count': 20 });
  });

  it('publishes what came while the engine was away, once it is there', async () => {
    const scene = await PublishingHost.make(engine());
    scene.days.collect([A]);
    const away = scene.index('http://127.0.0.1:9');
    await expect(publishOnce(scene.options(away))).rejects.toMatchObject({ code: 'cluster-unreachable' });
    const index = scene.index();
    const prepare = index.prepare.bind(index);
    let rounds = 0;
    index.prepare = () => (rounds < 2 ? away.prepare() : prepare());
    const clock = new ManualClock('2026-11-20T06:00:00Z');
    clock.sleep = () => {
      rounds += 1;
      if (rounds === 3) scene.days.collect([B], { day: '2026-11-20' as typeof DAY });
      if (rounds === 5) scene.stopping.abort();
      return Promise.resolve();
    };
    await publishFollowing({ ...scene.options(index), clock });
    expect(scene.events.map(({ name }) => name)).toEqual([
      'cluster-unreachable',
      'day-published',
      'publish-resumed',
      'day-published',
      'publish-stopping',
    ]);
    expect(await scene.documents()).toHaveLength(2);
  });
});
