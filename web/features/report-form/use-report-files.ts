import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { ApiError } from '../../api/request.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { dropFile, keepFiles, listFiles, type StoredFile } from './photo-store.ts';
import type { ReportBox } from './report-queue.ts';
import { sendFile } from './send-file.ts';

export interface WaitingFile {
  file: StoredFile;
  /** 0 … 1 while it is being sent. */
  progress: number | null;
  /** Why it was not taken, where it will not be taken. */
  refusal: string | null;
}

const RETRY_MS = 15_000;

/** Files that nobody sent a report with: somebody may still be writing it. */
const KEEP_MS = 3_600_000;

/** Files that will not be taken, with the reason: not asked again while the page is open. */
const refused = new Map<string, string>();

/** Its id begins with the time at which it was chosen. */
const ageOf = (file: StoredFile): number => Date.now() - Number(file.id.split('-')[0]);

/** No line, an outage, or too much at once: the same goes out again. */
const isLater = ({ status }: ApiError): boolean => status === 0 || status === 429 || status >= 500;

/** Photos and films of the reports of this device: sent one after the other once their report has a receipt. */
export function useReportFiles(box: ReportBox) {
  const client = useQueryClient();
  const [waiting, setWaiting] = useState<WaitingFile[]>([]);

  const look = useCallback(async () => {
    const files = await listFiles();
    setWaiting(files.map((file) => ({ file, progress: null, refusal: refused.get(file.id) ?? null })));
    return files;
  }, []);

  /** False: there is no line now. */
  const sendOne = useCallback(
    async (file: StoredFile, token: string): Promise<boolean> => {
      try {
        await sendFile(token, file, (progress) =>
          setWaiting((now) => now.map((each) => (each.file.id === file.id ? { ...each, progress } : each))),
        );
        await dropFile(file.id);
        await client.invalidateQueries({ queryKey: ['report', token] });
        return true;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (isLater(error)) return false;
        refused.set(file.id, error.code);
        return true;
      }
    },
    [client],
  );

  const sendAll = useCallback(
    async ({ receipts, waiting: reports }: ReportBox) => {
      for (const file of await look()) {
        const token = receipts.find(({ id }) => id === file.report)?.token;
        const isWritten = reports.some(({ report }) => report.id === file.report);
        if (token === undefined && !isWritten && ageOf(file) > KEEP_MS) await dropFile(file.id);
        if (token === undefined || refused.has(file.id)) continue;
        if (!(await sendOne(file, token))) break;
        await look();
      }
      await look();
    },
    [look, sendOne],
  );

  const send = useMemo(() => oneAtATime(sendAll), [sendAll]);
  useEffect(() => {
    const wake = () => void send(box);
    wake();
    window.addEventListener('online', wake);
    const timer = setInterval(wake, RETRY_MS);
    return () => {
      window.removeEventListener('online', wake);
      clearInterval(timer);
    };
  }, [send, box]);

  const drop = useCallback((id: string) => void dropFile(id).then(look), [look]);
  return { waiting, keep: keepFiles, drop };
}
