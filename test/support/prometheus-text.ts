/** One family of metrics; series by name and labels, the labels sorted and as JSON: `rows_total{"fate":"written"}`. */
export type Family = { readonly type: string; readonly help: string; readonly series: ReadonlyMap<string, number> };

/**
 * Reads the text format of Prometheus, version 0.0.4, strictly: each family has HELP, then TYPE, then its series, all in
 * one place. Throws at the first line that breaks a rule.
 */
export function parsePrometheusText(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { type: string; help: string; series: Map<string, number> }>();
  let helped: { name: string; help: string } | undefined;
  let family: { name: string; type: string; series: Map<string, number> } | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (families.has(name)) throw new Error(`${name} comes twice`);
      if (/\\(?![\\n])/.test(rest)) throw new Error(`unknown escape: ${line}`);
      helped = { name, help: rest };
      family = undefined;
    } else if (keyword === 'TYPE') {
      if (helped?.name !== name) throw new Error(`no HELP before ${line}`);
      if (!['counter', 'gauge', 'summary'].includes(rest)) throw new Error(`unknown type: ${line}`);
      if ((rest === 'counter') !== name.endsWith('_total')) throw new Error(`only counters end with _total: ${line}`);
      family = { name, type: rest, series: new Map() };
      families.set(name, { ...family, help: helped.help });
      helped = undefined;
    } else {
      if (family === undefined) throw new Error(`no TYPE before ${line}`);
      const { key, value } = seriesOf(line, family);
      if (family.series.has(key)) throw new Error(`${key} comes twice`);
      family.series.set(key, value);
    }
  }
  for (const [name, { series }] of families) if (series.size === 0) throw new Error(`${name} has no series`);
  return families;
}

function seriesOf(line: string, { name, type }: { readonly name: string; readonly type: string }) {
  const reader = new LineReader(line);
  const own = reader.take(/[a-zA-Z_:][a-zA-Z0-9_:]*/y);
  const mayBe = type === 'summary' ? [name, `${name}_sum`, `${name}_count`] : [name];
  if (!mayBe.includes(own)) throw new Error(`${own} is not of ${name}`);
  const labels: [string, string][] = [];
  if (reader.has(/\{/y)) {
    while (!reader.has(/\}/y)) {
      const label = reader.take(/[a-zA-Z_][a-zA-Z0-9_]*/y);
      reader.take(/="/y);
      const raw = reader.take(/(?:[^"\\]|\\[\\"n])*/y);
      reader.take(/"/y);
      if (labels.some(([known]) => known === label)) throw new Error(`label ${label} comes twice: ${line}`);
      labels.push([label, raw.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))]);
      if (!reader.has(/,/y)) {
        reader.take(/\}/y);
        break;
      }
    }
  }
  reader.take(/ /y);
  const number = reader.take(/NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/y);
  if (type === 'summary' && own === name && !labels.some(([label]) => label === 'quantile')) {
    throw new Error(`no quantile: ${line}`);
  }
  const sorted = labels.sort(([a], [b]) => (a < b ? -1 : 1));
  const value = number === '+Inf' ? Infinity : number === '-Inf' ? -Infinity : Number(number);
  return { key: `${own}${JSON.stringify(Object.fromEntries(sorted))}`, value };
}

class LineReader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  has(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line);
    if (found !== null) this.#at = pattern.lastIndex;
    return found !== null;
  }

  take(pattern: RegExp): string {
    const from = this.#at;
    if (!this.has(pattern)) throw new Error(`expected ${pattern.source} at ${from}: ${this.#line}`);
    return this.#line.slice(from, this.#at);
  }
}
