import { describe, expect, test } from 'vitest';
import { type SampleSettings, sampleChunks, sampleHeader } from './sample-rows.ts';

describe('the sample', () => {
  test('depends on the seed alone', () => {
    const settings = { rows: 30_000, seed: 7, repeatedShare: 0.05 };
    expect(textOf(settings)).toBe(textOf(settings));
    expect(textOf({ ...settings, seed: 8 })).not.toBe(textOf(settings));
  });

  test('has as many rows as asked for, of about 120 bytes, each key once', () => {
    const lines = textOf({ rows: 25_000, seed: 1, repeatedShare: 0 }).trimEnd().split('\n');
    expect(lines[0]).toBe(sampleHeader);
    expect(lines).toHaveLength(25_001);
    expect(new Set(lines.slice(1).map((line) => line.split(',')[0])).size).toBe(25_000);
    const bytes = lines.join('\n').length / lines.length;
    expect(bytes).toBeGreaterThan(105);
    expect(bytes).toBeLessThan(135);
  });

  test('repeats the share of keys that was asked for', () => {
    const lines = textOf({ rows: 20_000, seed: 3, repeatedShare: 0.05 }).trimEnd().split('\n').slice(1);
    const keys = new Set(lines.map((line) => line.split(',')[0]));
    expect(20_000 - keys.size).toBeGreaterThan(700);
    expect(20_000 - keys.size).toBeLessThan(1_300);
  });
});

function textOf(settings: SampleSettings): string {
  return [...sampleChunks(settings)].join('');
}
