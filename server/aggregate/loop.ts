type Loop = (...values: unknown[]) => number;

/** Loops by their source, the most recently used last. Questions that differ only in values have the same source. */
const loops = new Map<string, Loop>();
const MOST_LOOPS = 300;

/**
 * Runs a loop with these values as parameters. It is made once per source and types of values: the compiler makes the best
 * code of a function that always meets the same types. The source holds nothing of a request.
 */
export function runLoop(parameters: readonly string[], body: string, values: readonly unknown[]): number {
  return compiled(parameters, body, values.map(typeName).join())(...values);
}

function typeName(value: unknown): string {
  return ArrayBuffer.isView(value) ? value.constructor.name : typeof value;
}

function compiled(parameters: readonly string[], body: string, types: string): Loop {
  const key = `${parameters.join()}:${types}:${body}`;
  let loop = loops.get(key);
  if (loop === undefined) {
    // oxlint-disable-next-line no-new-func, no-implied-eval -- a generated loop is 5-20 times faster than an interpreted tree
    loop = new Function(...parameters, `"use strict"; ${body}`) as Loop;
    const oldest = loops.keys().next();
    if (loops.size >= MOST_LOOPS && oldest.done === false) loops.delete(oldest.value);
  } else {
    loops.delete(key);
  }
  loops.set(key, loop);
  return loop;
}
