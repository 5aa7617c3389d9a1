const usualBytes = 16 * 1024;
/** A longer request is sent from memory of its own. */
const longestKeptBytes = 64 * 1024;
/** Before the body; a session token takes some kilobytes. */
const headRoom = 8 * 1024;

/**
 * Memory that requests are made in, the body first and the head in front of it, so that one plain write takes both.
 * It is the same for each request: what takes a request from it sends it at once, and says where the memory is still
 * needed.
 */
export class SendBuffer {
  #memory = Buffer.allocUnsafeSlow(headRoom + usualBytes);
  readonly #spare: Buffer<ArrayBuffer>[] = [];
  /** What the last body is in. */
  #taken: ArrayBufferLike | undefined;

  /** Room for a body, until the next is asked for. */
  body(byteLength: number): Buffer {
    const memory = this.#memoryFor(headRoom + byteLength);
    this.#taken = memory.buffer;
    return memory.subarray(headRoom, headRoom + byteLength);
  }

  /** A whole request. A body that is not from here is copied. */
  request(head: string, body: Buffer): Buffer {
    if (head.length > headRoom) return Buffer.concat([Buffer.from(head, 'latin1'), body]);
    const here = body.buffer === this.#taken ? body : this.#copied(body);
    const request = Buffer.from(here.buffer, headRoom - head.length, head.length + here.length);
    request.write(head, 0, 'latin1');
    return request;
  }

  /** `request` is not out yet: the next one is made elsewhere. Returns the memory, to be given back once it is. */
  keep(request: Buffer): Buffer<ArrayBuffer> | undefined {
    if (request.buffer !== this.#memory.buffer) return undefined;
    const kept = this.#memory;
    this.#memory = this.#spare.pop() ?? Buffer.allocUnsafeSlow(headRoom + usualBytes);
    return kept;
  }

  giveBack(memory: Buffer<ArrayBuffer>): void {
    this.#spare.push(memory);
  }

  #memoryFor(byteLength: number): Buffer<ArrayBuffer> {
    if (byteLength <= this.#memory.length) return this.#memory;
    if (byteLength > headRoom + longestKeptBytes) return Buffer.allocUnsafeSlow(byteLength);
    this.#memory = Buffer.allocUnsafeSlow(headRoom + longestKeptBytes);
    return this.#memory;
  }

  #copied(body: Buffer): Buffer {
    const copy = this.body(body.length);
    body.copy(copy);
    return copy;
  }
}
