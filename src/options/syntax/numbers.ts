import { type Amount, amountOf, amountText, wholeNumber } from '../../domain/amount.ts';
import { type Syntax, unexpected } from '../option.ts';

/** Whole numbers from `least` to `most`; underscores may separate digits. */
export function count(least: number, most: number = Number.MAX_SAFE_INTEGER): Syntax<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} up` : `${least} to ${most}`;
  return {
    placeholder: '<n>',
    parse(text, flag) {
      const value = wholeNumber(text);
      if (value === undefined || value < least || value > most) {
        throw unexpected(flag, `a whole number from ${range}`, text, countHint(flag, text, most));
      }
      return value;
    },
    format: String,
  };
}

/** The same, or `all`, which is undefined: no bound. */
export function countOrAll(least: number): Syntax<number | undefined> {
  const counted = count(least);
  return {
    placeholder: '<n|all>',
    parse: (text, flag) => (text === 'all' ? undefined : counted.parse(text, flag)),
    format: (value) => (value === undefined ? undefined : counted.format(value)),
  };
}

/** Write units per second, or a share such as `80%`; zero only where `least` is 0. */
export function amount(least: 0 | 1): Syntax<Amount> {
  return {
    placeholder: '<n|p%>',
    parse(text, flag) {
      const value = amountOf(text);
      if (value === undefined || (value.value === 0 && least > 0)) {
        const expected = `a number of write units per second from ${least} up, or a share up to 100%`;
        throw unexpected(flag, expected, text, amountHint(flag, text));
      }
      return value;
    },
    format: amountText,
  };
}

/** A number or share of rows, or -1 for no limit. */
export const rejectLimit: Syntax<Amount> = {
  placeholder: '<n|p%>',
  parse(text, flag) {
    const value = text === '-1' ? ({ kind: 'units', value: -1 } as const) : amountOf(text);
    if (value !== undefined) return value;
    throw unexpected(flag, 'a number of rows, a share up to 100%, or -1 for no limit', text, amountHint(flag, text));
  },
  format: amountText,
};

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The longest time that a timer of the runtime can wait. */
const longestMs = 2 ** 31 - 1;

/** Milliseconds from `10ms`, `2s`, `1.5m` or `1h`; a bare number is milliseconds. */
export function duration(leastMs: number): Syntax<number> {
  return {
    placeholder: '<duration>',
    parse(text, flag) {
      const [, digits, unit = 'ms'] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(text) ?? [];
      const valueMs = Math.round(Number(digits) * unitMs[unit as keyof typeof unitMs]);
      if (valueMs >= leastMs && valueMs <= longestMs) return valueMs;
      throw unexpected(flag, `a duration such as 10ms, 2s or 5m, from ${leastMs}ms up`, text);
    },
    format(valueMs) {
      const unit = (['h', 'm', 's'] as const).find((name) => valueMs > 0 && valueMs % unitMs[name] === 0) ?? 'ms';
      return `${valueMs / unitMs[unit]}${unit}`;
    },
  };
}

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400 };
/** After five years an item never expires. */
const longestGraceSeconds = 5 * 365 * 86_400;

/** Whole seconds from `90s`, `30m`, `12h` or `7d`, zero if left out. */
export const grace: Syntax<number> = {
  placeholder: '[grace]',
  parse(text, flag) {
    if (text === '') return 0;
    const [, digits, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
    const seconds = Number(digits) * unitSeconds[unit as keyof typeof unitSeconds];
    if (seconds < longestGraceSeconds) return seconds;
    throw unexpected(
      flag,
      'a time such as 30m, 12h or 7d, less than five years',
      text,
      `Write the source before ${flag}, or pass ${flag} 0s.`,
    );
  },
  format(seconds) {
    const unit = (['d', 'h', 'm'] as const).find((name) => seconds > 0 && seconds % unitSeconds[name] === 0) ?? 's';
    return `${seconds / unitSeconds[unit]}${unit}`;
  },
};

const unitBytes = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Bytes from `65536`, `64KiB` or `4MiB`; `K`, `M` and `G` mean `KiB`, `MiB` and `GiB`. */
export function size(leastBytes: number, mostBytes: number): Syntax<number> {
  return {
    placeholder: '<size>',
    parse(text, flag) {
      const [, digits, letter] = /^(\d+)\s*(?:([KMG])(?:i?B)?)?$/i.exec(text) ?? [];
      const factor = letter === undefined ? 1 : unitBytes[`${letter.toUpperCase()}iB` as keyof typeof unitBytes];
      const bytes = Number(digits) * factor;
      if (bytes >= leastBytes && bytes <= mostBytes) return bytes;
      const range = `from ${sizeText(leastBytes)} to ${sizeText(mostBytes)}`;
      throw unexpected(flag, `a size in bytes such as 65536, 64KiB or 4MiB, ${range}`, text);
    },
    format: sizeText,
  };
}

function sizeText(bytes: number): string {
  const unit = (['GiB', 'MiB', 'KiB'] as const).find((name) => bytes > 0 && bytes % unitBytes[name] === 0);
  return unit === undefined ? String(bytes) : `${bytes / unitBytes[unit]}${unit}`;
}

/** A shard as it is asked for: what is `auto` is read from the environment. */
type AskedShard = { readonly index: number | 'auto'; readonly count: number | 'auto' };

const mostShards = 10_000;

/** `3/8`, `auto` or `auto/8`. */
export const shard: Syntax<AskedShard> = {
  placeholder: '<i/n>',
  parse(text, flag) {
    if (text === 'auto') return { index: 'auto', count: 'auto' };
    const [left = '', right = '', ...rest] = text.split('/');
    const count = wholeNumber(right);
    const index = left === 'auto' ? left : wholeNumber(left);
    const isKnown = index !== undefined && count !== undefined && rest.length === 0;
    if (!isKnown || count < 1 || count > mostShards || (index !== 'auto' && (index < 1 || index > count))) {
      throw unexpected(
        flag,
        `a shard and the number of shards, such as 3/8, auto or auto/8 (1 to ${mostShards} shards)`,
        text,
        'Count shards from 1: the last of 8 is 8/8.',
      );
    }
    return { index, count };
  },
  format: ({ index, count }) => (count === 'auto' ? 'auto' : `${index}/${count}`),
};

function amountHint(flag: string, text: string): string | undefined {
  return text.endsWith('%') ? undefined : countHint(flag, text);
}

/** The accepted spelling of a number written as `20k`, `1.5M`, `20,000` or `2e4`; or that a share is not accepted. */
function countHint(flag: string, text: string, most = Number.MAX_SAFE_INTEGER): string | undefined {
  if (/^[\d.]+\s*%$/.test(text)) return `Pass a number: ${flag} does not accept a share.`;
  const value = meantNumber(text);
  return value === undefined || value > most ? undefined : `Did you mean ${flag} ${value}?`;
}

const multiples: Readonly<Record<string, number>> = { k: 1000, m: 1_000_000, g: 1_000_000_000 };

function meantNumber(text: string): number | undefined {
  const [, digits = '', multiple = ''] = /^(\d+(?:\.\d+)?(?:e\d)?)\s*([kmg]?)$/i.exec(text) ?? [];
  const isGrouped = /^\d{1,3}([,.' ]\d{3})+$/.test(text);
  const value = isGrouped ? Number(text.replace(/\D/g, '')) : Number(digits) * (multiples[multiple.toLowerCase()] ?? 1);
  return value > 0 && Number.isSafeInteger(value) && String(value) !== text ? value : undefined;
}
