/** Bytes a request body may have: a batch of the most incidents of the longest kind. */
export const LARGEST_BODY = 8 * 1024 * 1024;
