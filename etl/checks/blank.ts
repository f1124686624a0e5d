/** True for what stands for no value in a cell: nothing, or a text without a character that shows. */
export function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '');
}
