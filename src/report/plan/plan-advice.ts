import { type KeySpread, partitionUnitsPerSecond } from '../../domain/source-measure.ts';
import { formatCount, formatDuration, formatNoun, printable } from '../format.ts';

/** Below this a crowded key costs less than what the estimate is worth. */
const leastSlowdown = 1.05;
const partitionText = `one partition takes ${formatCount(partitionUnitsPerSecond)} write units a second`;

type SkewFinding = { readonly message: string; readonly hint: string };

/** What crowded partition keys cost, and what helps; nothing where they cost nothing. `isWhole`: all rows were looked at. */
export function skewFindings(spreads: readonly KeySpread[], isWhole: boolean): readonly SkewFinding[] {
  return spreads.filter(isSlow).map((spread) => ({ message: message(spread, isWhole), hint: hint(spread) }));
}

function isSlow({ secondsAtRate, secondsWithHotKeys }: KeySpread): boolean {
  return secondsWithHotKeys > secondsAtRate * leastSlowdown;
}

function message(spread: KeySpread, isWhole: boolean): string {
  const { index, attribute, units, secondsAtRate, secondsWithHotKeys } = spread;
  const where = index === undefined ? 'the table' : `index ${printable(index)}`;
  const pace = `on average ${formatCount(units / secondsWithHotKeys)} a second in place of ${formatCount(units / secondsAtRate)}`;
  const took = isWhole ? `, ${formatDuration(secondsWithHotKeys)} in place of ${formatDuration(secondsAtRate)}` : '';
  return `${crowd(spread)} in "${printable(attribute)}", a partition key of ${where}; ${partitionText}: ${pace}${took}`;
}

function crowd({ distinct, topShare, longestRun }: KeySpread): string {
  const share = `${formatCount(topShare * 100)} % of the write units`;
  if (distinct === 1) return 'all rows bear one value';
  if (distinct !== undefined) return `${formatCount(distinct)} values, one of them with ${share},`;
  return `up to ${formatNoun(longestRun, 'row')} in a row bear one value, ${share} of a stretch`;
}

function hint(spread: KeySpread): string {
  if (orderHelps(spread)) {
    return 'Dump in another order: SELECT … ORDER BY RAND() INTO OUTFILE, or mysqldump --where="1 ORDER BY RAND()".';
  }
  return spread.index === undefined
    ? 'No order of the rows helps: choose a partition key with more values.'
    : `No order of the rows helps: import without index ${printable(spread.index)} and create it afterwards, or lower --wps.`;
}

/** A value that is frequent among all rows stays so in any order. */
function orderHelps({ distinct, topShare, units, secondsAtRate }: KeySpread): boolean {
  return distinct === undefined || (topShare * units) / partitionUnitsPerSecond <= secondsAtRate * leastSlowdown;
}
