import type { ErrorBody, ReportFile } from '../../../server/app.ts';
import { ApiError } from '../../api/request.ts';
import type { Phase } from './prepare-file.ts';

/** A film over a phone's line takes its time. */
const TIMEOUT_MS = 300_000;

/** Sends a file of a report and tells how far it is, 0 … 1. Throws `ApiError`. The same again is the same. */
export function sendFile(
  token: string,
  { phase, blob }: { phase: Phase; blob: Blob },
  onProgress: (share: number) => void,
): Promise<ReportFile> {
  // `fetch` does not say how much is gone.
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/reports/${token}/media?phase=${phase}`);
    request.responseType = 'json';
    request.timeout = TIMEOUT_MS;
    request.setRequestHeader('Content-Type', blob.type || 'application/octet-stream');
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0));
    request.addEventListener('load', () => {
      if (request.status === 201) return resolve(request.response as ReportFile);
      const { code = 'HTTP', message = '', requestId = null } = (request.response as ErrorBody | null)?.error ?? {};
      return reject(new ApiError(request.status, code, message, requestId));
    });
    const noLine = () => reject(new ApiError(0, 'UNREACHABLE', 'no answer', null));
    for (const broken of ['error', 'timeout', 'abort']) request.addEventListener(broken, noLine);
    request.send(blob);
  });
}
