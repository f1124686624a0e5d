import { useState } from 'react';

/** A layer that is made, as this page knows it. */
export interface KnownJob {
  id: string;
  title: string;
  /** Its layer was put on the map, or nobody wants it there. */
  isSettled: boolean;
  /** It was started on this page, and not read back after a reload. */
  isNew?: boolean;
}

const KEY = 'one-map:layer-jobs';
/** The service forgets jobs after hours; so many are more than anybody looks at. */
const MOST = 8;

function stored(): KnownJob[] {
  try {
    const jobs: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    return Array.isArray(jobs)
      ? jobs.filter((job) => typeof job?.id === 'string' && typeof job.title === 'string')
      : [];
  } catch {
    // Another program's text, or a browser that keeps nothing.
    return [];
  }
}

/** Layers that are made, the newest first. The tab remembers them: a reload loses none. */
export function useJobs() {
  const [jobs, setJobs] = useState(stored);
  const change = (next: (jobs: KnownJob[]) => KnownJob[]) =>
    setJobs((now) => {
      const changed = next(now).slice(0, MOST);
      try {
        sessionStorage.setItem(
          KEY,
          JSON.stringify(changed.map(({ id, title, isSettled }) => ({ id, title, isSettled }))),
        );
      } catch {
        // They last as long as the page.
      }
      return changed;
    });
  return {
    jobs,
    add: (id: string, title: string) => change((now) => [{ id, title, isSettled: false, isNew: true }, ...now]),
    settle: (id: string) => change((now) => now.map((job) => (job.id === id ? { ...job, isSettled: true } : job))),
    forget: (id: string) => change((now) => now.filter((job) => job.id !== id)),
  };
}
