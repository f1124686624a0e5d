import { useCallback, useEffect, useRef, useState } from 'react';
import type { ReportInput } from '../../../server/app.ts';
import { sendReport } from '../../api/incidents.ts';
import { ApiError } from '../../api/request.ts';
import { addReport, readBox, removeReport, settle, type Outcome, type ReportBox } from './report-queue.ts';

const RETRY_MS = 15_000;

async function attempt(report: ReportInput): Promise<Outcome> {
  try {
    return { kind: 'taken', receipt: await sendReport(report) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // No line, an outage, or too much at once: the same report goes out again.
    if (error.status === 0 || error.status === 429 || error.status >= 500) return { kind: 'later' };
    return { kind: 'refused', code: error.code, message: error.message };
  }
}

/** The reports of this device: sent one after the other, again until each has its receipt. */
export function useReportBox() {
  const [box, setBox] = useState<ReportBox>(() => readBox(localStorage));
  const [isSending, setIsSending] = useState(false);
  const busy = useRef(false);

  const send = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    setIsSending(true);
    try {
      for (const { report, refusal } of readBox(localStorage).waiting) {
        if (refusal) continue;
        const outcome = await attempt(report);
        setBox(settle(localStorage, report.id, outcome, Date.now()));
        if (outcome.kind === 'later') break;
      }
    } finally {
      busy.current = false;
      setIsSending(false);
    }
  }, []);

  useEffect(() => {
    const wake = () => void send();
    wake();
    window.addEventListener('online', wake);
    const timer = setInterval(wake, RETRY_MS);
    return () => {
      window.removeEventListener('online', wake);
      clearInterval(timer);
    };
  }, [send]);

  const add = useCallback(
    (report: ReportInput) => {
      setBox(addReport(localStorage, report));
      void send();
    },
    [send],
  );
  const remove = useCallback((id: string) => setBox(removeReport(localStorage, id)), []);
  return { box, isSending, add, remove };
}
