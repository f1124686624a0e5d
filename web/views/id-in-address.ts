/** The number that an address names, as in `/rules/17`; null for `new` and for what is none. */
export function idInAddress(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
