import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { resumeOptions, storedOptions } from '../../src/options/complete-options.ts';
import type { ImportOptions } from '../../src/options/import-options.ts';

function optionsOf(line: string): ImportOptions {
  const parsed = parseCommandLine(line.split(' '));
  if (parsed.kind !== 'command' || !('options' in parsed)) throw new Error(`no options: ${line}`);
  return parsed.options as ImportOptions;
}
/** As the manifest gives them back. */
const stored = (line: string) => JSON.parse(JSON.stringify(storedOptions(optionsOf(line)))) as Record<string, unknown>;
const resumed = (before: string, now: string) => resumeOptions(stored(before), optionsOf(`--resume d ${now}`.trim()));

describe('a resumed run', () => {
  test('goes on as it was told before', () => {
    const before = 'a.csv b.csv --wps 500 --types x=N --rename x=y --empty omit --max-rejects 5% --concurrency 7';
    expect(resumed(before, '')).toMatchObject({
      ...{ sources: ['a.csv', 'b.csv'], wps: { kind: 'units', value: 500 }, types: { x: 'N' }, rename: { x: 'y' } },
      ...{ empty: 'omit', maxRejects: { kind: 'percent', value: 5 }, concurrency: 7, resume: 'd' },
    });
  });

  test('takes what is given now where it shapes no item', () => {
    const now = resumed('a.csv --wps 500 --concurrency 7', 'copy/a.csv --wps 900 --request-timeout 9s');
    expect(now).toMatchObject({ sources: ['copy/a.csv'], wps: { value: 900 }, requestTimeoutMs: 9000, concurrency: 7 });
  });

  test('settles for twice its own request time-out, unless it was told for how long', () => {
    expect(resumed('a.csv', '').settleMs).toBe(10_000);
    expect(resumed('a.csv', '--request-timeout 60s').settleMs).toBe(120_000);
    expect(resumed('a.csv --request-timeout 60s', '').settleMs).toBe(120_000);
    expect(resumed('a.csv --request-timeout 60s', '--request-timeout 1s').settleMs).toBe(2_000);
    expect(resumed('a.csv --settle 7s', '--request-timeout 60s').settleMs).toBe(7_000);
    expect(resumed('a.csv --settle 7s', '--settle 9s --request-timeout 60s').settleMs).toBe(9_000);
    // As an earlier version stored it, whether it was given or not.
    const before = { ...stored('a.csv'), settleMs: 10_000 };
    expect(resumeOptions(before, optionsOf('--resume d --request-timeout 60s')).settleMs).toBe(120_000);
  });

  test('of a shard stays that shard, and cannot raise capacity', () => {
    expect(resumed('a.csv --shard 3/8', '').shard).toEqual({ index: 3, count: 8 });
    expect(resumed('a.csv --shard 3/8', '--shard 3/8').shard).toEqual({ index: 3, count: 8 });
    for (const other of ['2/8', '3/7']) {
      expect(() => resumed('a.csv --shard 3/8', `--shard ${other}`)).toThrow(
        '--shard is not what this run was started',
      );
    }
    expect(() => resumed('a.csv', '--shard 3/8')).toThrow('--shard is not what this run was started with');
    expect(() => resumed('a.csv --shard 3/8', '--raise-wcu 500')).toThrow(
      '--raise-wcu cannot be combined with --shard',
    );
  });

  test('may be told again what it was told', () => {
    expect(resumed('a.csv --types x=N --table other', '--types x=N --table other').types).toEqual({ x: 'N' });
  });

  test.each([
    ['--table other', '--table'],
    ['--types x=S', '--types'],
    ['--time-zone +01:00', '--time-zone'],
    ['--zero-dates null', '--zero-dates'],
    ['--no-header --columns x', '--header'],
    ['--schema t.sql', '--schema'],
  ])('refuses %s, which it was not started with', (now, flag) => {
    expect(() => resumed('a.csv --types x=N', now)).toThrow(
      expect.objectContaining({
        code: 'resume-mismatch',
        message: expect.stringContaining(`${flag} is not what this run was started with`),
        hint: expect.stringContaining(`Leave ${flag} out`),
      }),
    );
  });
});

test('what belongs to one process is not stored', () => {
  const kept = stored('a.csv --yes --quiet --show-values --progress none --log-level debug --run-dir d');
  for (const name of ['yes', 'quiet', 'showValues', 'progress', 'logLevel', 'runDir', 'resume', 'settings', 'given']) {
    expect(kept).not.toHaveProperty(name);
  }
  expect(resumeOptions(kept, optionsOf('--resume d')).quiet).toBe(false);
});
