/** The known words most like a misspelt one: by the pairs of letters they share, best first, at most three. */
export function nearest(word: string, known: readonly string[]): string[] {
  const wanted = pairs(word.toLowerCase());
  return known
    .map((candidate) => {
      const other = pairs(candidate.toLowerCase());
      const shared = [...wanted].filter((pair) => other.has(pair)).length;
      return { candidate, score: (2 * shared) / (wanted.size + other.size || 1) };
    })
    .filter(({ score }) => score > 0.2)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function pairs(word: string): Set<string> {
  const padded = ` ${word} `;
  return new Set(Array.from({ length: padded.length - 1 }, (_, i) => padded.slice(i, i + 2)));
}
