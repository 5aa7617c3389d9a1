import { formatBytes, formatCount, formatNoun } from '../format.ts';
import { labelIndent, labelled, pageOf, wrappedText, wrapWords } from '../page.ts';
import { printable } from '../printable.ts';
import type { VerifyFacts } from './verify-facts.ts';

/** What the operator is shown before the first read, a line each. Ends with a line break. */
export function verifyFactsText(facts: VerifyFacts, columns: number): string {
  const line = (label: string, text: string) => wrappedText(label, text, columns);
  const { sources, table, rate, resumedAt } = facts;
  const names = sources.map(({ name, storedBytes }) => {
    return `${printable(name)}${storedBytes === undefined ? '' : ` (${formatBytes(storedBytes)})`}`;
  });
  return pageOf([
    wrapWords(titleOf(facts).split(' '), columns, 2),
    labelled('source', wrapWords(names, columns, labelIndent)),
    line('format', printable(facts.format)),
    line('account', table?.account ?? 'not known: the table could not be described'),
    line('region', facts.region),
    line('endpoint', printable(facts.endpoint)),
    table && line('table', table.arn),
    table && line('holds', `${formatNoun(table.itemCount, 'item')} as of AWS's last count`),
    line('key', facts.keyNames.map(printable).join(', ')),
    line('compares', comparedText(facts)),
    line('costs', costText(facts)),
    line('rate', `${formatCount(rate.readUnitsPerSecond)} read units a second: ${rate.chosen}`),
    resumedAt === undefined ? undefined : line('resumed', `${formatNoun(resumedAt, 'row')} compared before`),
    labelled('run dir', printable(facts.runDir)),
  ]);
}

function titleOf({ tableName }: VerifyFacts): string {
  return `About to compare with the DynamoDB table ${printable(tableName)}: nothing is written to it`;
}

/** The same in one line of a log. */
export function verifyFactsSentence(facts: VerifyFacts): string {
  return `about to compare ${comparedText(facts)} with ${facts.tableName}; ${costText(facts)}`;
}

function comparedText({ sample, seed }: VerifyFacts): string {
  return sample === undefined
    ? 'every row'
    : `a sample of ${formatNoun(sample, 'row')} (--seed ${seed} draws it again)`;
}

function costText({ estimatedReadUnits, consistent, rate }: VerifyFacts): string {
  const unit = consistent ? '1 read unit' : 'half a read unit';
  const each = `${unit} for each item of up to 4 KB`;
  if (Number.isNaN(estimatedReadUnits)) return `${each}: 10 million rows cost ${consistent ? 10 : 5} million`;
  const seconds = Math.ceil(estimatedReadUnits / rate.readUnitsPerSecond);
  return `about ${formatCount(estimatedReadUnits)} read units, in ${formatCount(seconds)} s: ${each}`;
}
