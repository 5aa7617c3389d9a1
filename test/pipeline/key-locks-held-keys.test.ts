import { expect, test } from 'vitest';
import { keyOf, partitionOf, type Token } from '../../src/domain/token.ts';
import { HotKeys } from '../../src/pipeline/hot-keys.ts';
import { KeyLocks } from '../../src/pipeline/key-locks.ts';
import { KeySkew } from '../../src/pipeline/plan/survey.ts';
import { Differences, RowSample } from '../../src/pipeline/verify/held-rows.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { detachToken, tokenOf } from './tokens.ts';

const clock = new FakeClock();

/** What holds keys after their rows are gone, and how each is given one. */
const holders: { readonly name: string; readonly make: () => (token: Token) => void }[] = [
  {
    name: 'a sample',
    make: () => {
      const sample = new RowSample(10_000, () => 0, detachToken);
      return (token) => sample.offer(token);
    },
  },
  {
    name: 'the list of differences',
    make: () => {
      const differences = new Differences();
      return (token) => {
        differences.recordComparison(token, { kind: 'missing' });
        differences.takeChanges();
      };
    },
  },
  {
    name: 'the spread of partition keys',
    make: () => {
      const skew = new KeySkew({ attribute: 'token', writeUnitsPerSecond: 1, windowRows: 100_000 });
      return ({ key }) => skew.countRow(partitionOf(key), 1);
    },
  },
  {
    name: 'the list of partitions that were refused',
    make: () => {
      const onFound = () => {};
      const hot = new HotKeys({
        ...{ clock, random: () => 1, partitionOf, detach: detachToken, onFound },
        giveBack: onFound,
      });
      const others = Array.from({ length: 20 }, (_, n) => tokenOf(n, keyOf(`p${n}`, 'x')));
      return (token) => void hot.park([token, ...others], [token]);
    },
  },
  {
    name: 'the lock of a row that waits for another with its key',
    make: () => {
      const locks = new KeyLocks(clock, 0, () => {});
      return (token) => {
        locks.admit(tokenOf(0, Buffer.from(token.key).toString()));
        locks.admit(token);
        detachToken(token);
      };
    },
  },
];

test.each(holders)('$name holds no more of a key’s text than the key', ({ make }) => {
  const hold = make();
  const heldTexts = 500;
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < heldTexts; n++) hold(tokenOf(n, keyInLongText(n)));
  collectGarbage();
  expect((process.memoryUsage().heapUsed - before) / heldTexts).toBeLessThan(4_000);
  // Still in use: what it holds has not been collected.
  hold(tokenOf(heldTexts, keyInLongText(heldTexts)));
});

/** As the splitter cuts a key out of the text of many rows, which the engine keeps whole for it. */
function keyInLongText(n: number): string {
  const key = keyOf(`a partition of some length ${n}`, 'sort');
  const text = Buffer.from(`${'x'.repeat(8_000)}${key}${'x'.repeat(8_000)}`).toString('latin1');
  return text.slice(8_000, 8_000 + key.length);
}
