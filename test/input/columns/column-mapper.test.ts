import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column, ColumnType, Field, FieldValue, KeyRole } from '../../../src/domain/column.ts';
import { ImportError } from '../../../src/domain/import-error.ts';
import { columnMapper, FieldFault, type MappingOptions } from '../../../src/input/columns/column-mapper.ts';

const defaults: MappingOptions = { empty: 'keep', timeZone: 'UTC', zeroDates: 'reject' };
const allTypes: readonly ColumnType[] = ['S', 'N', 'B', 'BOOL', 'JSON', 'EPOCH', 'HEX', 'BASE64'];

function mapper(type: ColumnType, options: Partial<MappingOptions> = {}, key?: KeyRole) {
  const column: Column = { sourceName: 'quota', fieldIndex: 0, name: 'quota', type, ...(key && { key }) };
  return columnMapper(column, { ...defaults, ...options });
}

function convert(type: ColumnType, field: Field, options: Partial<MappingOptions> = {}): FieldValue | FieldFault {
  return mapper(type, options).convert(field);
}

function faultOf(result: FieldValue | FieldFault): FieldFault {
  if (!(result instanceof FieldFault)) throw new Error('Expected a fault');
  return result;
}

describe('a column mapper', () => {
  it.each(allTypes)('leaves NULL out of the item, type %s', (type) => {
    expect(convert(type, null)).toBeUndefined();
    expect(mapper(type).sizeBytes(undefined)).toBe(0);
  });

  it.each(allTypes)('leaves empty fields out with --empty omit, type %s', (type) => {
    expect(convert(type, '', { empty: 'omit' })).toBeUndefined();
    expect(convert(type, new Uint8Array(0), { empty: 'omit' })).toBeUndefined();
  });

  it('keeps empty text and bytes, and names --empty omit where a type has no empty value', () => {
    expect(convert('S', '')).toBe('');
    expect(convert('B', '')).toEqual(Buffer.alloc(0));
    expect(convert('B', new Uint8Array(0))).toEqual(new Uint8Array(0));
    for (const type of ['N', 'BOOL', 'JSON', 'EPOCH'] as const) {
      expect(faultOf(convert(type, '')).message).toMatch(/^column "quota" is not .* \(it is empty; --empty omit /);
    }
  });

  it('never shows what a field holds', () => {
    const secret = '§s3cr3t§';
    const dressed = fc.constantFrom('', ' ', ',', '"', '{', '[1,', '2024-01-02 ', '1e999', '\n', 'true', '$', '\\N');
    fc.assert(
      fc.property(fc.constantFrom(...allTypes), dressed, dressed, fc.boolean(), (type, before, after, isKey) => {
        const role: KeyRole = { type: 'S', maxBytes: 3, required: true, label: "the table's partition key" };
        const result = mapper(type, {}, isKey ? role : undefined).convert(`${before}${secret}${after}`);
        if (result instanceof FieldFault) expect(result.message).not.toContain('s3cr3t');
        // A text between quotes is a whole JSON document.
        else expect(['S', 'JSON']).toContain(type);
      }),
    );
  });

  it('refuses an unknown time zone before any row, where a column needs one', () => {
    expect(() => mapper('EPOCH', { timeZone: 'Mars' })).toThrowError(ImportError);
  });
});

describe('an S column', () => {
  it('hands text through as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(convert('S', text)).toBe(text);
      }),
    );
  });

  it('reads bytes as UTF-8, and refuses what is none', () => {
    expect(convert('S', Buffer.from('\ufeffé😀'))).toBe('\ufeffé😀');
    const fault = faultOf(convert('S', Uint8Array.of(0x61, 0xff)));
    expect(fault).toEqual(
      new FieldFault('invalid-utf8', 'column "quota" is not UTF-8 text; --types quota=B keeps the bytes'),
    );
  });

  it('takes the UTF-8 bytes of its text, which are its length where the row is ASCII', () => {
    expect(mapper('S').sizeBytes('é€')).toBe(5);
    expect(mapper('S').sizeBytes('abc', true)).toBe(3);
  });
});

describe('an N column', () => {
  it.each(['0', '42', '-1.50', '12345678901234567890.0123456789'])('hands %s through as it is', (text) => {
    expect(convert('N', text)).toBe(text);
  });

  it.each([
    ['+1', '1'],
    ['007', '7'],
    ['-0', '0'],
    ['1E3', '1000'],
    ['.5', '0.5'],
    [`1${'0'.repeat(50)}`, '1e50'],
    [`0.${'0'.repeat(60)}10`, '1e-61'],
  ])('writes %s as %s', (text, canonical) => expect(convert('N', text)).toBe(canonical));

  it.each([
    ['1,000', 'it holds a comma'],
    [' 1', 'it has a space at its beginning or end'],
    ['1 000', 'it holds a space'],
    ['NULL', 'it is a word for NULL; see --null'],
    ['\\N', 'it is a word for NULL; see --null'],
    ['true', 'it is a truth value; see --types quota=BOOL'],
    ['2024-01-02', 'it looks like a date; see --types quota=EPOCH'],
    ['0xff', 'it looks hexadecimal'],
    ['€5', 'it holds a currency sign'],
    ['NaN', 'DynamoDB has neither infinity nor NaN'],
    ['abc', 'it holds letters; --types quota=S keeps text'],
    ['\x05', 'it holds control characters; a BIT column must be dumped as bit+0'],
  ])('says of "%s": %s', (text, hint) => {
    const expected = new FieldFault('not-a-number', `column "quota" is not a number (${hint})`);
    expect(convert('N', text)).toEqual(expected);
    expect(convert('N', Buffer.from(text))).toEqual(expected);
  });

  it('refuses what DynamoDB would round or not hold', () => {
    expect(faultOf(convert('N', '1'.repeat(39)))).toEqual(
      new FieldFault(
        'number-too-precise',
        'column "quota" has more than 38 significant digits; --types quota=S keeps it as text',
      ),
    );
    expect(faultOf(convert('N', '1e126'))).toMatchObject({
      code: 'number-out-of-range',
      message: expect.stringContaining('1E-130 to 9.99E+125); --types quota=S keeps it as text'),
    });
  });

  it('takes a byte for two digits and one more', () => {
    expect(mapper('N').sizeBytes('1234')).toBe(3);
    expect(mapper('EPOCH').sizeBytes('1704164645')).toBe(6);
  });
});

describe('a B column', () => {
  it('hands bytes through untouched', () => {
    const bytes = Uint8Array.of(0, 255, 10, 13);
    expect(convert('B', bytes)).toBe(bytes);
    expect(mapper('B').sizeBytes(bytes)).toBe(4);
  });

  it('reads text as base64', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(convert('B', Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each(['a', 'ab', 'abc', 'ab==c', 'a-_=', 'YQ', 'YR==', ' YQ==', 'YQ==\n', 'YQ==YQ==', 'é'])(
    'refuses "%s", which no encoder writes',
    (text) => expect(faultOf(convert('B', text)).code).toBe('not-base64'),
  );
});

describe('a BOOL column', () => {
  it.each(['true', 'TRUE', 't', 'T', '1', '\x01'])('reads "%s" as true', (text) => {
    expect(convert('BOOL', text)).toBe(true);
    expect(convert('BOOL', Buffer.from(text))).toBe(true);
  });

  it.each(['false', 'False', 'f', 'F', '0', '\x00'])('reads "%s" as false', (text) => {
    expect(convert('BOOL', text)).toBe(false);
    expect(convert('BOOL', Buffer.from(text))).toBe(false);
  });

  it.each(['yes', 'no', '2', ' 1', '\x02', '01', 'truest'])('refuses "%s"', (text) => {
    expect(faultOf(convert('BOOL', text)).code).toBe('not-a-boolean');
  });

  it('takes a byte', () => expect(mapper('BOOL').sizeBytes(false)).toBe(1));
});

describe('an EPOCH column', () => {
  it('turns date-times into whole seconds, in the zone that is told', () => {
    expect(convert('EPOCH', '2024-01-02 03:04:05.999')).toBe('1704164645');
    expect(convert('EPOCH', '2024-01-02 05:04:05', { timeZone: '+02:00' })).toBe('1704164645');
    expect(convert('EPOCH', '2024-01-02 04:04:05', { timeZone: 'Europe/Berlin' })).toBe('1704164645');
    expect(convert('EPOCH', Buffer.from('1969-12-31'))).toBe('-86400');
  });

  it('refuses a zero date or leaves it out, as told', () => {
    expect(faultOf(convert('EPOCH', '0000-00-00 00:00:00'))).toEqual(
      new FieldFault('zero-date', 'column "quota" is a zero date; --zero-dates null leaves such dates out'),
    );
    expect(convert('EPOCH', '0000-00-00 00:00:00', { zeroDates: 'null' })).toBeUndefined();
  });

  it.each([
    ['2024-02-30', ' (there is no such day or time)'],
    ['2024-00-10', ' (its month or day is zero)'],
    ['1704164645', ' (it is a whole number; --types quota=N keeps seconds as they are)'],
    ['01/02/2024', ' (dates are read as YYYY-MM-DD HH:MM:SS)'],
    ['null', ' (it is a word for NULL; see --null)'],
    ['soon', ''],
  ])('says of "%s":%s', (text, hint) => {
    expect(convert('EPOCH', text)).toEqual(new FieldFault('not-a-date', `column "quota" is not a date${hint}`));
  });
});

describe('a JSON column', () => {
  it('becomes a document', () => {
    expect(convert('JSON', '{"a": [true, null]}')).toEqual(new Map([['a', [true, null]]]));
    expect(convert('JSON', 'null')).toBeNull();
    expect(mapper('JSON').sizeBytes(null)).toBe(1);
  });

  it('says what is wrong with a document', () => {
    expect(faultOf(convert('JSON', '{"a":'))).toEqual(
      new FieldFault('not-json', 'column "quota" is not a JSON document (it seems to be cut short)'),
    );
    expect(faultOf(convert('JSON', '['.repeat(33))).code).toBe('json-too-deep');
  });

  it('measures its text even in an ASCII row, since escapes make other letters', () => {
    const document = convert('JSON', '"\\u00e9"') as FieldValue;
    expect(mapper('JSON').sizeBytes(document, true)).toBe(2);
  });
});

describe('a key column', () => {
  const partition: KeyRole = { type: 'S', maxBytes: 2048, required: true, label: "the table's partition key" };
  const index: KeyRole = { type: 'S', maxBytes: 1024, required: false, label: 'the sort key of index "by-user"' };

  function convertKey(field: Field, role: KeyRole, type: ColumnType = 'S', options: Partial<MappingOptions> = {}) {
    return mapper(type, options, role).convert(field);
  }

  it('of the table may not be absent', () => {
    expect(convertKey(null, partition)).toEqual(
      new FieldFault('key-missing', 'column "quota" has no value, but the table\'s partition key needs one'),
    );
    expect(faultOf(convertKey('0000-00-00', partition, 'EPOCH', { zeroDates: 'null' })).code).toBe('key-missing');
  });

  it.each(['S', 'N', 'B'] as const)('of the table may not be empty, with --empty omit neither, type %s', (type) => {
    for (const empty of ['keep', 'omit'] as const) {
      expect(faultOf(convertKey('', partition, type, { empty })).code).toBe('key-empty');
      expect(faultOf(convertKey(new Uint8Array(0), partition, type, { empty })).code).toBe('key-empty');
    }
    expect(faultOf(convertKey('', partition, type)).message).not.toContain('--empty');
  });

  it('of an index may be absent but not empty', () => {
    expect(convertKey(null, index)).toBeUndefined();
    expect(convertKey('', index, 'S', { empty: 'omit' })).toBeUndefined();
    expect(convertKey('', index)).toEqual(
      new FieldFault(
        'key-empty',
        'column "quota" is empty, which the sort key of index "by-user" may not be; --empty omit leaves the item out of the index',
      ),
    );
    expect(faultOf(convertKey(new Uint8Array(0), index, 'B')).code).toBe('key-empty');
  });

  it('is measured in UTF-8 bytes, to the byte', () => {
    fc.assert(
      fc.property(fc.constantFrom('a', 'é', '€', '😀'), fc.integer({ min: -4, max: 4 }), (letter, more) => {
        const text = letter.repeat(Math.floor(2048 / Buffer.byteLength(letter)) + more);
        const result = convertKey(text, partition);
        if (Buffer.byteLength(text) <= 2048) expect(result).toBe(text);
        else expect(faultOf(result).code).toBe('key-too-long');
      }),
    );
    expect(convertKey(new Uint8Array(1024), index, 'B')).toHaveLength(1024);
    expect(convertKey(new Uint8Array(1025), index, 'B')).toEqual(
      new FieldFault(
        'key-too-long',
        'column "quota" is longer than the 1,024 bytes that the sort key of index "by-user" may have',
      ),
    );
  });

  it('has the faults of its type too', () => {
    expect(faultOf(convertKey('1,5', { ...partition, type: 'N' }, 'N')).code).toBe('not-a-number');
    expect(convertKey('007', { ...partition, type: 'N' }, 'N')).toBe('7');
  });
});

describe('a HEX column', () => {
  it('is the bytes of any hex text, in either case, with 0x or without, as text or bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), fc.constantFrom('', '0x', '0X'), (bytes, upper, prefix) => {
        const hex = Buffer.from(bytes).toString('hex');
        const text = prefix + (upper ? hex.toUpperCase() : hex);
        expect(convert('HEX', text)).toEqual(Buffer.from(bytes));
        expect(convert('HEX', Buffer.from(text))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('is the 16 bytes of a UUID, and its bytes count in the size of the item', () => {
    const bytes = Buffer.from('6ccd780cbaba102695645b8c656024db', 'hex');
    for (const text of ['6ccd780c-baba-1026-9564-5b8c656024db', '6CCD780C-BABA-1026-9564-5B8C656024DB']) {
      expect(convert('HEX', text)).toEqual(bytes);
    }
    expect(mapper('HEX').sizeBytes(bytes)).toBe(16);
  });

  it.each([
    '0',
    '0x0',
    'xx',
    ' 00',
    '00 ',
    '00\n',
    'x00',
    "X'00'",
    '00x0',
    '0x0x00',
    '6ccd780cbaba-1026-9564-5b8c656024db',
    '0x6ccd780c-baba-1026-9564-5b8c656024db',
    '{6ccd780c-baba-1026-9564-5b8c656024db}',
    '\uff10\uff10',
  ])('refuses "%s"', (text) => {
    expect(convert('HEX', text)).toEqual(new FieldFault('not-hex', 'column "quota" is not hexadecimal'));
    expect(convert('HEX', Buffer.from(text))).toEqual(convert('HEX', text));
  });
});

describe('a BASE64 column', () => {
  it('is the bytes of any base64 text, in one line or as TO_BASE64() wraps it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        const wrapped = text.replace(/.{76}(?=.)/g, '$&\n');
        for (const one of [text, wrapped]) {
          expect(convert('BASE64', one)).toEqual(Buffer.from(bytes));
          expect(convert('BASE64', Buffer.from(one))).toEqual(Buffer.from(bytes));
        }
      }),
    );
  });

  it.each(['A', 'AA', 'AA=', 'AB==', 'A-_A', 'AAAA ', 'AAAA\n', 'AA\nAA', '\n', `${'A'.repeat(76)}\n`, 'é'])(
    'refuses "%s"',
    (text) => {
      expect(convert('BASE64', text)).toEqual(new FieldFault('not-base64', 'column "quota" is not base64'));
    },
  );

  it('refuses bytes that are not text', () => {
    expect(convert('BASE64', Uint8Array.of(0xff)) instanceof FieldFault).toBe(true);
    expect(convert('HEX', Uint8Array.of(0xff)) instanceof FieldFault).toBe(true);
  });
});
