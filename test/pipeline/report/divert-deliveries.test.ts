import { describe, expect, it } from 'vitest';
import type { AdoptedDelivery } from '#pipeline/report/adopt-reports.ts';
import { divertDeliveries } from '#pipeline/report/divert-deliveries.ts';
import type { DestinationMaps } from '#pipeline/report/map-destinations.ts';
import { parseMap } from '#sys4/maps/load-map.ts';

const NONE: DestinationMaps = { record: [], mail: [], https: [] };
const MAIL: DestinationMaps = { ...NONE, mail: parseMap('. REPLACE mailto:test@sender.example', 'map').entries };

function delivery(destination: string, state: AdoptedDelivery['state'] = 'queued'): AdoptedDelivery {
  return { destination, state, attempts: state === 'queued' ? 0 : 2, lastResult: '' };
}

function diverted(maps: DestinationMaps, ...deliveries: readonly AdoptedDelivery[]): string[] {
  return divertDeliveries({ policyDomain: 'a.example', deliveries }, maps).map(
    ({ destination, state, attempts }) => `${destination} ${state} ${String(attempts)}`,
  );
}

describe('divertDeliveries', () => {
  it('changes nothing where nothing was diverted, not even what cannot be used', () => {
    expect(diverted(NONE, delivery('mailto:nobody'), delivery('mailto:a@a.example', 'refused'))).toEqual([
      'mailto:nobody queued 0',
      'mailto:a@a.example refused 2',
    ]);
  });

  it('leaves no address of the report in anything that could be sent, now or when it is queued again', () => {
    expect(diverted(MAIL, delivery('mailto:a@a.example'))).toEqual(['mailto:test@sender.example queued 0']);
    expect(diverted(MAIL, delivery('mailto:a@a.example', 'expired'))).toEqual(['mailto:test@sender.example expired 2']);
    expect(diverted(MAIL, delivery('mailto:nobody'))).toEqual([]);
  });

  it('queues what waits though another delivery has ended at the same place', () => {
    const sent = delivery('mailto:b@a.example', 'delivered');
    expect(diverted(MAIL, delivery('mailto:a@a.example'), sent)).toEqual(['mailto:test@sender.example queued 0']);
  });

  it('leaves alone what no map is asked about', () => {
    expect(diverted(MAIL, delivery('https://a.example/'))).toEqual(['https://a.example/ queued 0']);
  });

  it('writes copies of what waits alone', () => {
    const copies = { ...NONE, record: parseMap('. APPEND directory:/srv/copies', 'map').entries };
    expect(diverted(copies, delivery('mailto:a@a.example', 'delivered'))).toEqual(['mailto:a@a.example delivered 2']);
    expect(diverted(copies, delivery('mailto:a@a.example'))).toEqual([
      'mailto:a@a.example queued 0',
      'directory:/srv/copies queued 0',
    ]);
  });
});
