import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ScratchTexts } from '#store/scratch-texts.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

describe('Texts that are too much for memory', () => {
  it('are what they were, and leave no file behind', () => {
    const state = new StateDirectory(scratchDirectory());
    const scratch = new ScratchTexts(state);
    const texts = ['', 'one', 'zwei ä\u{1f512}', 'x'.repeat(70_000)];
    const places = texts.map((text) => scratch.put(text));
    expect(readdirSync(state.path)).toEqual([]);
    expect(places.reverse().map((place) => scratch.read(place))).toEqual(texts.reverse());
    scratch.close();
  });

  it('need no file when there are none', () => {
    const scratch = new ScratchTexts(new StateDirectory('/nowhere'));
    scratch.close();
    expect(() => scratch.read({ position: 0, sizeBytes: 1 })).toThrow('nothing was put');
  });
});
