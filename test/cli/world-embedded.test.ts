import { expect, test } from 'vitest';
import { usageMeter } from '../../src/cli/world.ts';

test('memory that can’t be read leaves the figures of before, and ends nothing', () => {
  let fault: Error | undefined;
  const usage = usageMeter(() => {
    if (fault !== undefined) throw fault;
    return process.memoryUsage();
  });
  const { residentBytes } = usage();
  expect(residentBytes).toBeGreaterThan(0);
  fault = Object.assign(new Error('too many open files, uv_resident_set_memory'), { code: 'EMFILE' });
  expect(usage().residentBytes).toBe(residentBytes);
});
