import { useCallback, useEffect, useRef, useState } from 'react';
import { dropFile, keepFiles, listFiles } from './photo-store.ts';
import type { PreparedFile } from './prepare-file.ts';
import { emptyDraft, keepDraft, readDraft, type ReportDraft, type ReportKind } from './report-draft.ts';

/** What is being written, with its photos; a page that is put away and comes back has all of it. */
export function useDraft(kind: ReportKind) {
  const [draft, setDraft] = useState(() => readDraft(sessionStorage, kind));
  const [files, setFiles] = useState<readonly PreparedFile[]>([]);
  const first = useRef(draft.id);
  useEffect(() => {
    void listFiles(first.current).then((kept) => {
      if (kept.length > 0) setFiles((now) => [...kept.filter(({ id }) => now.every((file) => file.id !== id)), ...now]);
    });
  }, []);
  useEffect(() => keepDraft(sessionStorage, kind, draft), [kind, draft]);

  const change = useCallback((part: Partial<ReportDraft>) => setDraft((now) => ({ ...now, ...part })), []);
  const changeFiles = (next: readonly PreparedFile[]) => {
    for (const { id } of files) if (next.every((file) => file.id !== id)) void dropFile(id);
    const added = next.filter(({ id }) => files.every((file) => file.id !== id));
    void keepFiles(added.map((file) => ({ ...file, report: draft.id })));
    setFiles(next);
  };
  /** Begins anew: with nothing, or with what is to be mended. The photos of the draft before stay with its report. */
  const begin = useCallback((next: ReportDraft = emptyDraft(), nextFiles: readonly PreparedFile[] = []) => {
    setDraft(next);
    setFiles(nextFiles);
  }, []);
  return { draft, files, change, changeFiles, begin };
}
