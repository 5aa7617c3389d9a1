import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openFileSource } from '../../../src/adapters/file/source/file-source.ts';
import { workDir } from '../../support/work-dir.ts';
import { collect, faultOf } from './collect.ts';

const { gzipSync } = zlib;

async function read(bytes: Uint8Array, cutAt: readonly number[] = []): Promise<Buffer> {
  async function* input(): AsyncGenerator<Uint8Array> {
    const cuts = [...cutAt.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length];
    let from = 0;
    for (const to of cuts) {
      yield bytes.subarray(from, to);
      from = to;
    }
  }
  return await collect((await openFileSource(['-'], input)).files[0]!.read());
}

test('members one behind the other, with padding, are all unpacked, wherever the input is cut', async () => {
  const member = fc.record({ text: fc.string({ maxLength: 2000 }), padding: fc.nat(600) });
  const cuts = fc.array(fc.nat(9000), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 6 }), cuts, async (members, cutAt) => {
      const text = members.map((each) => each.text).join('');
      fc.pre(text !== '');
      const packed = members.flatMap((each) => [gzipSync(each.text), Buffer.alloc(each.padding)]);
      expect((await read(Buffer.concat(packed), cutAt)).toString()).toBe(text);
    }),
    { numRuns: 60 },
  );
});

test('members unpack wherever one cut falls', async () => {
  const packed = Buffer.concat([gzipSync('a\n'), gzipSync('b\n'), Buffer.alloc(3), gzipSync('c\n')]);
  for (let at = 1; at < packed.length; at++) expect((await read(packed, [at])).toString()).toBe('a\nb\nc\n');
});

describe('a gzip cut short', () => {
  const text = Array.from({ length: 60 }, (_, index) => `token-${index * 7919}\n`).join('');
  const packed = gzipSync(text);

  test('is a fault at every byte, which names the file and how far it could be unpacked', async () => {
    const path = workDir();
    for (let length = 1; length < packed.length; length++) {
      const file = (await openFileSource([path.write('cut.gz', packed.subarray(0, length))], read as never)).files[0]!;
      const chunks: Uint8Array[] = [];
      const fault = await faultOf(async () => {
        for await (const chunk of file.read()) chunks.push(chunk);
      });
      const got = Buffer.concat(chunks).toString();
      expect(fault.code).toBe('source-truncated');
      expect(fault.message).toBe(
        `${file.name}: the gzip data is truncated after its first ${got.length} unpacked bytes`,
      );
      expect(text.startsWith(got)).toBe(true);
    }
  });

  test('is a fault in a later member too', async () => {
    for (let length = 1; length < packed.length; length++) {
      const fault = await faultOf(() => read(Buffer.concat([gzipSync('first\n'), packed.subarray(0, length)])));
      expect(fault.code).toBe('source-truncated');
    }
  });

  test('loses nothing that was unpacked before, where it is large', async () => {
    const large = Buffer.alloc(5_000_000, text);
    const cut = gzipSync(large).subarray(0, -4);
    const fault = await faultOf(() => read(cut));
    expect(fault.message).toContain('after its first 5,000,000 unpacked bytes');
  });
});

test('a gzip with any bit turned never passes as another text', async () => {
  const text = 'a,b\n1,2\n3,4\n'.repeat(5);
  const packed = gzipSync(text);
  for (let bit = 16; bit < packed.length * 8; bit++) {
    const turned = Buffer.from(packed);
    turned[bit >> 3]! ^= 1 << (bit & 7);
    const outcome = await read(turned).then(String, (fault) => fault.code);
    // Time and system in the header mean nothing to the content.
    expect([text, 'source-truncated']).toContain(outcome);
  }
});

test('garbage behind a gzip is a fault, with or without padding before it', async () => {
  for (const padding of [0, 5]) {
    const fault = await faultOf(() =>
      read(Buffer.concat([gzipSync('a\n'), Buffer.alloc(padding), Buffer.from('b\n')])),
    );
    expect(fault.code).toBe('source-truncated');
    expect(fault.message).toMatch(
      /^standard input: the gzip data is corrupt \(incorrect header check\) after its first [02] unpacked bytes$/,
    );
  }
});

describe('zstd', () => {
  // As `zstd` writes it, with a checksum.
  const frame = Buffer.from('28b52ffd045821000061' + '0a620a2550b323', 'hex');
  const canUnpack = 'createZstdDecompress' in zlib;

  test('is unpacked where the runtime can, else refused with the command that helps', async () => {
    const path = workDir().write('tokens.csv.zst', frame);
    const outcome = await openFileSource([path], read as never)
      .then(({ files }) => collect(files[0]!.read()))
      .then(String, (fault) => fault.hint);
    expect(outcome).toBe(canUnpack ? 'a\nb\n' : `Pipe it, with the same options: zstd -dc ${path} | import-tokens -`);
  });

  test('cut short is a fault at every byte, where it can be unpacked at all', async () => {
    const two = Buffer.concat([frame, frame]);
    for (let length = 4; length < two.length; length++) {
      if (length === frame.length) continue;
      const fault = await faultOf(() => read(two.subarray(0, length)));
      expect(fault.code).toBe(canUnpack ? 'source-truncated' : 'source-unsupported');
    }
  });
});
