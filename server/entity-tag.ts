/** Whether a header `If-None-Match` names the tag, or any; compared weakly, as RFC 9110 wants it. */
export function namesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const bare = tag.replace(/^W\//, '');
  return header.split(',').some((item) => item.trim() === '*' || item.trim().replace(/^W\//, '') === bare);
}
