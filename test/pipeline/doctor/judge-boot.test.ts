import { describe, expect, it } from 'vitest';
import { judgeBoot } from '#pipeline/doctor/judge-boot.ts';
import type { BootUnit } from '#pipeline/doctor/judge-boot.ts';

type State = 'enabled' | 'disabled' | 'masked';

function unit(name: string, state: State): BootUnit {
  return { name, isEnabled: state === 'enabled', isMasked: state === 'masked' };
}

function judge(socket: State, service: State): [string | undefined, string | undefined] {
  const [finding] = judgeBoot([unit('x.socket', socket), unit('x.service', service)]);
  return [finding?.what, finding && 'fix' in finding ? finding.fix : undefined];
}

describe('judgeBoot', () => {
  it.each<[State, State]>([
    ['enabled', 'enabled'],
    ['enabled', 'disabled'],
    ['disabled', 'enabled'],
  ])('finds nothing where one of both is started: %s, %s', (socket, service) => {
    expect(judge(socket, service)).toEqual([undefined, undefined]);
  });

  it('finds nothing where systemd does not run the collector', () => {
    expect(judgeBoot(undefined)).toEqual([]);
  });

  it.each<[State, State, string, string]>([
    ['disabled', 'disabled', 'x.socket and x.service', 'systemctl enable x.socket x.service'],
    ['enabled', 'masked', 'x.service', 'systemctl unmask x.service && systemctl enable x.socket x.service'],
    ['masked', 'disabled', 'x.socket', 'systemctl unmask x.socket && systemctl enable x.socket x.service'],
  ])('says what will not be started: %s, %s', (socket, service, names, fix) => {
    expect(judge(socket, service)).toEqual([`${names} will not be started at the next boot.`, fix]);
  });
});
