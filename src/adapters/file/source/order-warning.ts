/**
 * A sentence where a number in the names goes down (`tokens-10` before `tokens-2`, as a shell sorts them), so that an
 * older row might win; else undefined.
 */
export function warnAboutOrder(paths: readonly string[]): string | undefined {
  for (let index = 1; index < paths.length; index++) {
    const before = paths[index - 1]!;
    const after = paths[index]!;
    if (!numberDescends(before, after)) continue;
    return (
      `${before} comes before ${after}: the files are read in the order given, and the last row of a key wins. ` +
      'If the numbers tell their age, name them in that order.'
    );
  }
  return undefined;
}

/** True where the names differ first in a number, and that of the earlier is the greater. */
function numberDescends(before: string, after: string): boolean {
  // Every other part is a number.
  const left = before.split(/(\d+)/);
  const right = after.split(/(\d+)/);
  const at = left.findIndex((part, index) => part !== right[index]);
  if (at % 2 !== 1 || right[at] === undefined) return false;
  return BigInt(left[at]!) > BigInt(right[at]);
}
