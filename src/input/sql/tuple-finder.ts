import type { RowKind } from '../framed-rows.ts';

const [lineFeed, blank, backslash, comma] = [0x0a, 0x20, 0x5c, 0x2c];
const [quote, doubleQuote, backtick] = [0x27, 0x22, 0x60];
const [open, close, semicolon, hash, dash, slash, star] = [0x28, 0x29, 0x3b, 0x23, 0x2d, 0x2f, 0x2a];

/** Kinds of bytes in a tuple outside strings. */
const [bare, quoting, closing, feeding, dashing, odd] = [0, 1, 2, 3, 4, 5];
const outside = new Uint8Array(256).fill(odd);
for (const byte of Buffer.from('0123456789+.eENUL, \t\r')) outside[byte] = bare;
outside[quote] = quoting;
outside[close] = closing;
outside[lineFeed] = feeding;
outside[dash] = dashing;

/** Finds where a tuple ends. The properties are valid until the next call. */
export class TupleFinder {
  /** First byte after the closing parenthesis. */
  end = 0;
  /** First byte after the comma and the blanks that follow it, or after the semicolon. */
  next = 0;
  /** Line feeds between the tuple's first byte and `next`. */
  lines = 0;
  /** `plain`: numbers, NULL and strings in single quotes without escapes and quotes. */
  kind: RowKind = 'plain';
  /** Whether a semicolon follows, so that the statement ends with the tuple. */
  endsStatement = false;
  /** After `find` returned false: whether a string is open. */
  insideString = false;
  /** What is wrong with the text if it is not a row. */
  fault: string | undefined;

  /**
   * Finds the end of the tuple whose parenthesis opens at `start`. Returns false if the buffer has no byte after the tuple's
   * separator, or if there is a `fault`.
   */
  find(buffer: Buffer, start: number): boolean {
    this.kind = 'plain';
    this.lines = 0;
    this.fault = undefined;
    this.insideString = false;
    const { length } = buffer;
    let at = start + 1;
    while (at < length) {
      const kind = outside[buffer[at]!]!;
      if (kind === bare) {
        at++;
      } else if (kind === quoting) {
        at = this.#pastString(buffer, at + 1);
        if (buffer[at] === comma) at++;
        else if (!this.#endsValue(buffer, at)) return false;
      } else if (kind === closing) {
        return this.#separate(buffer, at + 1);
      } else if (kind === feeding) {
        this.lines++;
        at++;
      } else if (kind === dashing && buffer[at + 1] !== dash) {
        at++;
      } else {
        this.kind = 'quoted';
        return this.#findOdd(buffer, at);
      }
    }
    return false;
  }

  /** First byte after the string in single quotes that contains `from`; the buffer's length if it does not end. */
  #pastString(buffer: Buffer, from: number): number {
    const { length } = buffer;
    for (let at = from; at < length; at++) {
      const byte = buffer[at]!;
      if (byte === quote) {
        if (buffer[at + 1] !== quote) return at + 1;
        this.kind = 'quoted';
        at++;
      } else if (byte === backslash) {
        this.kind = 'quoted';
        if (buffer[++at] === lineFeed) this.lines++;
      } else if (byte === lineFeed) {
        this.lines++;
      }
    }
    this.insideString = true;
    return length;
  }

  /** Continues with a tuple that has other values than numbers, NULL and strings in single quotes. */
  #findOdd(buffer: Buffer, from: number): boolean {
    let depth = 1;
    let at = from;
    while (at < buffer.length) {
      const byte = buffer[at]!;
      if (byte === quote || byte === doubleQuote || byte === backtick) {
        at = byte === quote ? this.#pastString(buffer, at + 1) : this.#pastQuoted(buffer, at + 1, byte);
        if (depth === 1 && !this.#endsValue(buffer, at)) return false;
        continue;
      }
      if (byte === close && --depth === 0) return this.#separate(buffer, at + 1);
      if (byte === open) depth++;
      if (byte === semicolon) return this.#fail('a semicolon stands inside a row');
      const next = this.#pastComment(buffer, at);
      if (next === -1) return false;
      if (next === at && byte === lineFeed) this.lines++;
      at = Math.max(next, at + 1);
    }
    return false;
  }

  /** After an unescaped quote, SQL and every later string would be misread. */
  #endsValue(buffer: Buffer, from: number): boolean {
    let at = from;
    while (at < buffer.length && buffer[at]! <= blank) at++;
    const byte = buffer[at];
    if (byte === undefined || byte === comma || byte === close) return true;
    if (byte === hash || byte === dash || byte === slash) return true;
    return this.#fail('text follows a closing quote');
  }

  #pastQuoted(buffer: Buffer, from: number, mark: number): number {
    for (let at = from; at < buffer.length; at++) {
      const byte = buffer[at];
      if (byte === lineFeed) this.lines++;
      else if (byte === backslash && mark === doubleQuote) {
        if (buffer[++at] === lineFeed) this.lines++;
      } else if (byte === mark) {
        if (buffer[at + 1] !== mark) return at + 1;
        at++;
      }
    }
    this.insideString = true;
    return buffer.length;
  }

  /** First byte after the comment at `at`; `at` if there is none, -1 if more bytes are needed. */
  #pastComment(buffer: Buffer, at: number): number {
    const byte = buffer[at];
    const [second, third] = [buffer[at + 1], buffer[at + 2]];
    let end = at;
    if (byte === hash || (byte === dash && second === dash && (third ?? blank) <= blank)) {
      end = buffer.indexOf(lineFeed, at);
    } else if (byte === slash && second === star) {
      end = buffer.indexOf('*/', at + 2, 'latin1');
      if (end !== -1) end += 2;
    } else if ((byte === dash || byte === slash) && second === undefined) {
      return -1;
    }
    for (let i = at; i < end; i++) if (buffer[i] === lineFeed) this.lines++;
    return end;
  }

  /** Finds the comma or semicolon after the tuple, which belongs to its row. */
  #separate(buffer: Buffer, end: number): boolean {
    this.end = end;
    const at = buffer[end] === comma || buffer[end] === semicolon ? end : this.#pastBlanks(buffer, end);
    if (at === -1) return false;
    const byte = buffer[at];
    if (byte === undefined) return false;
    this.endsStatement = byte === semicolon;
    if (byte === semicolon) {
      this.next = at + 1;
      return true;
    }
    if (byte !== comma) return this.#fail('neither a comma nor a semicolon follows a row');
    let next = at + 1;
    for (; next < buffer.length && buffer[next]! <= blank; next++) if (buffer[next] === lineFeed) this.lines++;
    this.next = next;
    return next < buffer.length;
  }

  #pastBlanks(buffer: Buffer, from: number): number {
    let at = from;
    while (at < buffer.length) {
      if (buffer[at]! <= blank) {
        if (buffer[at] === lineFeed) this.lines++;
        at++;
        continue;
      }
      const next = this.#pastComment(buffer, at);
      if (next === at || next === -1) return next;
      at = next;
    }
    return at;
  }

  #fail(fault: string): false {
    this.fault = fault;
    return false;
  }
}
