import { sendFull, sendSteadily, type FullResult, type SteadyResult } from '../live-load.ts';
import { serveJobs } from './helper-process.ts';

export type SenderJob =
  | { kind: 'steady'; url: string; run: string; rate: number; seconds: number }
  | { kind: 'full'; url: string; run: string; inFlight: number; size: number; seconds: number };
export type SenderAnswer = SteadyResult | FullResult;

serveJobs<SenderJob, SenderAnswer>((job) => (job.kind === 'steady' ? sendSteadily(job) : sendFull(job)));
