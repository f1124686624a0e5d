/** Whether an `Accept-Encoding` header takes gzip. */
export function acceptsGzip(header: string | undefined): boolean {
  return /\bgzip\b/.test(header ?? '');
}
