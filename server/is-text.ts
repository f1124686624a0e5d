/** Whether PostgreSQL's text holds all of it: U+0000 is refused there, and half of a surrogate pair changes on the way. */
export function isText(value: string): boolean {
  return !value.includes('\0') && !/\p{Surrogate}/u.test(value);
}
