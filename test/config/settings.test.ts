import { describe, expect, it } from 'vitest';
import { environmentName } from '#config/setting.ts';
import type { Setting } from '#config/setting.ts';
import { settings } from '#config/settings.ts';

const rows: Setting[] = Object.values(settings);

describe('the settings', () => {
  it.each(['key', 'flag'] as const)('have each its own %s', (name) => {
    expect(new Set(rows.map((row) => row[name])).size).toBe(rows.length);
  });

  it('have each its own variable', () => {
    expect(new Set(rows.map(environmentName)).size).toBe(rows.length);
  });

  it.each(rows)('take their own default: $key', ({ schema, fallback }) => {
    expect(schema.safeParse(fallback).success).toBe(true);
  });

  it.each(rows)('show what the default is: $key', ({ fallback, fallbackText, argument }) => {
    expect(fallbackText ?? fallback ?? argument).toBeDefined();
  });

  it.each(rows)('say in a sentence what they are for: $key', ({ help }) => {
    expect(help).toMatch(/^[A-Z].*\.$/);
  });

  it.each(rows)('are named alike everywhere: $key', ({ key, flag }) => {
    expect(key).toMatch(/^([a-z]+\.)?[a-z]+(_[a-z]+)*$/);
    expect(flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});
