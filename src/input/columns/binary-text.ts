/** The bytes that hex text stands for, with or without `0x` or the hyphens of a UUID; undefined for any other text. */
export function hexBytes(text: string): Buffer | undefined {
  if (uuidText.test(text)) return Buffer.from(text.replaceAll('-', ''), 'hex');
  if (text.length % 2 !== 0 || !hexText.test(text)) return undefined;
  return Buffer.from(text.slice(/^0x/i.test(text) ? 2 : 0), 'hex');
}

/** The bytes that base64 stands for, in one line or in lines of 76 as TO_BASE64() writes them; undefined for any other text. */
export function base64Bytes(text: string): Buffer | undefined {
  const lines = text.split('\n');
  const isWrapped = lines.every((line, i) =>
    i < lines.length - 1 ? line.length === 76 : lines.length === 1 || line !== '',
  );
  return isWrapped ? strictBase64(lines.join('')) : undefined;
}

/** The bytes that base64 in one line stands for, padding included; undefined for any other text. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  // Decoding skips what is not base64; encoding again shows whether it did.
  return bytes.toString('base64') === text ? bytes : undefined;
}

const hexText = /^(?:0x)?[0-9a-f]*$/i;
const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
