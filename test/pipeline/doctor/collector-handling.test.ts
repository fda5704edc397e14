import { expect, it } from 'vitest';
import { handlingOf } from '#pipeline/doctor/collector-handling.ts';

it.each([true, false])('What systemd has to do is named where it runs the collector: %j', (hasUnit) => {
  const texts = Object.values(handlingOf(hasUnit));
  expect(texts.map((text: string) => /^(systemctl|journalctl) /.test(text))).toEqual(texts.map(() => hasUnit));
});
