/**
 * Reports that wait to be sent, and the receipts of those that were: kept on this device, so that nothing written where
 * there is no line is lost. A report keeps its id until it has a receipt; sent twice, it is one.
 */
import type { ReportInput, ReportReceipt } from '../../../server/app.ts';

export interface WaitingReport {
  report: ReportInput;
  /** Why it was not taken, where it will not be taken as it is. */
  refusal: { code: string; message: string } | null;
}

export interface Receipt {
  /** Id of the report; receipts of earlier versions have none. */
  id?: string;
  number: number;
  token: string;
  category: string;
  /** ms since 1970. */
  at: number;
}

export interface ReportBox {
  waiting: WaitingReport[];
  receipts: Receipt[];
}

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

const KEY = 'om-reports';
/** Receipts kept on a device. */
const MOST_RECEIPTS = 20;

/** What is kept; what cannot be read counts as nothing. */
export function readBox(storage: Storage): ReportBox {
  try {
    const box = JSON.parse(storage.getItem(KEY) ?? '{}') as Partial<ReportBox>;
    return {
      waiting: Array.isArray(box.waiting) ? box.waiting : [],
      receipts: Array.isArray(box.receipts) ? box.receipts : [],
    };
  } catch {
    return { waiting: [], receipts: [] };
  }
}

function write(storage: Storage, box: ReportBox): ReportBox {
  storage.setItem(KEY, JSON.stringify(box));
  return box;
}

export function addReport(storage: Storage, report: ReportInput): ReportBox {
  const box = readBox(storage);
  const others = box.waiting.filter((each) => each.report.id !== report.id);
  return write(storage, { ...box, waiting: [...others, { report, refusal: null }] });
}

/** Takes a report out, e.g. to write it anew. */
export function removeReport(storage: Storage, id: string): ReportBox {
  const box = readBox(storage);
  return write(storage, { ...box, waiting: box.waiting.filter(({ report }) => report.id !== id) });
}

/** How an attempt ended: taken, refused for good, or to be tried again. */
export type Outcome =
  | { kind: 'taken'; receipt: ReportReceipt }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'later' };

/** What becomes of the box after an attempt. With the receipt the report, and whom it names, leaves the device. */
export function settle(storage: Storage, id: string, outcome: Outcome, now: number): ReportBox {
  const box = readBox(storage);
  const waiting = box.waiting.find(({ report }) => report.id === id);
  if (!waiting || outcome.kind === 'later') return box;
  if (outcome.kind === 'refused') {
    const { code, message } = outcome;
    const marked = box.waiting.map((each) => (each === waiting ? { ...each, refusal: { code, message } } : each));
    return write(storage, { ...box, waiting: marked });
  }
  const { number, token } = outcome.receipt;
  const receipt: Receipt = { id, number, token, category: waiting.report.category, at: now };
  return write(storage, {
    waiting: box.waiting.filter((each) => each !== waiting),
    receipts: [receipt, ...box.receipts.filter((each) => each.number !== number)].slice(0, MOST_RECEIPTS),
  });
}
