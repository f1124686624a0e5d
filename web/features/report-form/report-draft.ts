/**
 * What is being written, kept by the tab: phones put a page away when the camera opens, and nothing of it may be lost then.
 * Photos are kept by `photo-store.ts` under the id of the draft, which becomes the id of the report.
 */
import type { ReportInput } from '../../../server/app.ts';
import { makeId } from '../../make-id.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import type { Severity } from '../../theme.ts';
import type { Place } from './place-picker.tsx';

export type ReportKind = 'citizen' | 'collector';

export interface ReportDraft {
  id: string;
  category: string | null;
  place: Place | null;
  address: string;
  description: string;
  name: string;
  phone: string;
  severity: Severity;
}

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

const keyOf = (kind: ReportKind): string => `om-report-draft:${kind}`;

export function emptyDraft(): ReportDraft {
  return {
    id: makeId(),
    category: null,
    place: null,
    address: '',
    description: '',
    name: '',
    phone: '',
    severity: 0,
  };
}

/** Whether nothing would be lost without it. */
export function isBlank({ category, place, address, description, name, phone }: ReportDraft): boolean {
  return category === null && place === null && [address, description, name, phone].every((text) => text.trim() === '');
}

/** What was being written in this tab; what cannot be read counts as nothing. */
export function readDraft(storage: Storage, kind: ReportKind): ReportDraft {
  try {
    const kept: unknown = JSON.parse(storage.getItem(keyOf(kind)) ?? 'null');
    const isDraft = typeof kept === 'object' && kept !== null && typeof (kept as ReportDraft).id === 'string';
    return { ...emptyDraft(), ...(isDraft ? (kept as ReportDraft) : {}) };
  } catch {
    return emptyDraft();
  }
}

export function keepDraft(storage: Storage, kind: ReportKind, draft: ReportDraft): void {
  try {
    storage.setItem(keyOf(kind), JSON.stringify(draft));
  } catch {
    // It lasts as long as the page.
  }
}

/** The report that a draft is. `at` is when it was written. */
export function reportOf(draft: ReportDraft, kind: ReportKind, at: Date): ReportInput {
  const [address, description, name, phone] = [draft.address, draft.description, draft.name, draft.phone].map((text) =>
    text.trim(),
  );
  const reporter = { ...(name ? { name } : {}), ...(phone ? { phone } : {}) };
  return {
    id: draft.id,
    category: draft.category ?? '',
    ...(draft.place ? { lon: draft.place.lon, lat: draft.place.lat } : {}),
    ...(address && address.length >= 2 ? { address } : {}),
    ...(description ? { description } : {}),
    ...(Object.keys(reporter).length > 0 ? { reporter } : {}),
    at: at.toISOString(),
    ...(kind === 'collector' ? { severity: draft.severity } : {}),
  };
}

/** A report that was not taken, to be mended: under a new id, as the service may know the old one. */
export function draftOf(report: ReportInput): ReportDraft {
  const { lon, lat } = report;
  return {
    ...emptyDraft(),
    category: report.category,
    place: lon === undefined || lat === undefined ? null : { lon, lat, accuracy: null },
    address: report.address ?? '',
    description: report.description ?? '',
    name: report.reporter?.name ?? '',
    phone: report.reporter?.phone ?? '',
    severity: asSeverity(report.severity ?? 0),
  };
}
