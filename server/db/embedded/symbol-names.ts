/** An object with more names than this is the table of a library's symbols: PostGIS has tens of thousands, nothing else has. */
const MANY = 4096;

/**
 * Makes finding a function of PostGIS cheap. PGlite's linker (Emscripten's `dlsym`) lists all symbols of the library for each
 * function that is looked up: seven seconds of the first start, when `create extension` looks up all of them. The table of a
 * loaded library never changes, so that in this thread its names are listed once.
 */
export function rememberSymbolNames(): void {
  const { keys } = Object;
  const listed = new WeakMap<object, string[]>();
  Object.keys = (value: object): string[] => {
    const known = listed.get(value);
    if (known) return known;
    const names = keys(value);
    if (names.length > MANY) listed.set(value, names);
    return names;
  };
}
