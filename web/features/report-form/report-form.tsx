import { useId, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary, ReportInput } from '../../../server/app.ts';
import { useCategories } from '../../api/incidents.ts';
import { makeId } from '../../make-id.ts';
import { SEVERITIES, type Severity } from '../../theme.ts';
import { Failure } from '../../ui/answer.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import type { Language } from '../../url-state.ts';
import { CategoryPicker } from './category-picker.tsx';
import { PhotoPicker } from './photo-picker.tsx';
import { listFiles } from './photo-store.ts';
import { PlacePicker, type Place } from './place-picker.tsx';
import type { Phase, PreparedFile } from './prepare-file.ts';
import type { WaitingReport } from './report-queue.ts';
import { Receipts, WaitingReports } from './report-status.tsx';
import { useReportBox } from './use-report-box.ts';
import { useReportFiles } from './use-report-files.ts';

interface ReportFormProps {
  /** Citizens may say who they are; collectors say how grave it is. */
  kind: 'citizen' | 'collector';
  catalogue: readonly LayerSummary[];
  lang: Language;
}

interface Draft {
  category: string | null;
  place: Place | null;
  address: string;
  description: string;
  name: string;
  phone: string;
  severity: Severity;
  files: PreparedFile[];
}

const PHASES: Record<ReportFormProps['kind'], readonly Phase[]> = {
  citizen: ['report'],
  collector: ['before', 'after'],
};
const EMPTY: Draft = {
  files: [],
  category: null,
  place: null,
  address: '',
  description: '',
  name: '',
  phone: '',
  severity: 0,
};
const PHONE = /^\+?[\d() -]{3,30}$/;

/** What is still missing, in the order of the form. */
function faultOf(draft: Draft): 'category' | 'place' | 'phone' | null {
  if (draft.category === null) return 'category';
  if (draft.place === null && draft.address.trim().length < 2) return 'place';
  return draft.phone.trim() !== '' && !PHONE.test(draft.phone.trim()) ? 'phone' : null;
}

function reportOf(draft: Draft, kind: ReportFormProps['kind']): ReportInput {
  const [address, description, name, phone] = [draft.address, draft.description, draft.name, draft.phone].map((text) =>
    text.trim(),
  );
  const reporter = { ...(name ? { name } : {}), ...(phone ? { phone } : {}) };
  return {
    id: makeId(),
    category: draft.category ?? '',
    ...(draft.place ? { lon: draft.place.lon, lat: draft.place.lat } : {}),
    ...(address && address.length >= 2 ? { address } : {}),
    ...(description ? { description } : {}),
    ...(Object.keys(reporter).length > 0 ? { reporter } : {}),
    at: new Date().toISOString(),
    ...(kind === 'collector' ? { severity: draft.severity } : {}),
  };
}

let chosen = 0;
/** Ids of files, in the order in which they were chosen. */
const makeFileId = (): string => `${Date.now()}-${String((chosen += 1)).padStart(4, '0')}-${makeId()}`;

/** Reports something, on a phone in the street: what, where, in one's own words; sent when there is a line. */
export function ReportForm({ kind, catalogue, lang }: ReportFormProps) {
  const { t } = useTranslation();
  const id = useId();
  const { data: categories = [], error } = useCategories();
  const { box, isSending, add, remove } = useReportBox();
  const files = useReportFiles(box);
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [fault, setFault] = useState<ReturnType<typeof faultOf>>(null);
  const change = (part: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...part }));
    setFault(null);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const missing = faultOf(draft);
    setFault(missing);
    if (missing) return;
    const report = reportOf(draft, kind);
    // First the photos, so that a page closed in between loses none.
    void files.keep(draft.files.map((file) => ({ ...file, report: report.id }))).then(() => add(report));
    setDraft(EMPTY);
    document.getElementById('main')?.scrollTo({ top: 0 });
  };
  const edit = async ({ report }: WaitingReport) => {
    const kept = await listFiles(report.id);
    remove(report.id);
    setDraft({
      ...EMPTY,
      files: kept,
      category: report.category,
      place:
        report.lon === undefined || report.lat === undefined
          ? null
          : { lon: report.lon, lat: report.lat, accuracy: null },
      address: report.address ?? '',
      description: report.description ?? '',
      name: report.reporter?.name ?? '',
      phone: report.reporter?.phone ?? '',
    });
  };
  return (
    <form className="om-report" onSubmit={submit} noValidate>
      <p className="om-report-note">{t(`report.intro.${kind}`)}</p>
      {error && <Failure error={error} />}
      <WaitingReports
        waiting={box.waiting}
        categories={categories}
        lang={lang}
        onEdit={(item) => void edit(item)}
        onDrop={remove}
      />
      <Receipts receipts={box.receipts} files={files.waiting} onDropFile={files.drop} {...{ categories, lang }} />
      <CategoryPicker
        categories={categories}
        chosen={draft.category}
        lang={lang}
        onChoose={(category) => change({ category })}
      />
      <PlacePicker
        catalogue={catalogue}
        place={draft.place}
        address={draft.address}
        onPlace={(place) => change({ place })}
        onAddress={(address) => change({ address })}
      />
      <PhotoPicker
        files={draft.files}
        phases={PHASES[kind]}
        makeId={makeFileId}
        onFiles={(next) => change({ files: next })}
        onPlace={(place) => change({ place: { ...place, accuracy: null } })}
      />
      <fieldset className="om-report-part">
        <legend>{t('report.words')}</legend>
        <label className="om-report-label" htmlFor={`${id}-words`}>
          {t('report.description')}
        </label>
        <textarea
          id={`${id}-words`}
          className="om-report-input"
          rows={4}
          maxLength={4000}
          value={draft.description}
          onChange={(event) => change({ description: event.target.value })}
        />
        {kind === 'collector' ? (
          <div role="radiogroup" aria-label={t('severity.title')} className="om-report-levels">
            {SEVERITIES.map((severity) => (
              <label key={severity}>
                <input
                  type="radio"
                  name={`${id}-severity`}
                  checked={draft.severity === severity}
                  onChange={() => change({ severity })}
                />
                <SeverityMark severity={severity} /> {t(`severity.short.${severity}`)}
              </label>
            ))}
          </div>
        ) : (
          <>
            <label className="om-report-label" htmlFor={`${id}-name`}>
              {t('report.name')}
            </label>
            <input
              id={`${id}-name`}
              className="om-report-input"
              type="text"
              autoComplete="name"
              maxLength={60}
              value={draft.name}
              onChange={(event) => change({ name: event.target.value })}
            />
            <label className="om-report-label" htmlFor={`${id}-phone`}>
              {t('report.phone')}
            </label>
            <input
              id={`${id}-phone`}
              className="om-report-input"
              type="tel"
              autoComplete="tel"
              maxLength={30}
              value={draft.phone}
              onChange={(event) => change({ phone: event.target.value })}
            />
            <p className="om-dim">{t('report.privacy')}</p>
          </>
        )}
      </fieldset>
      <div className="om-report-send">
        {fault && (
          <p className="om-tone-bad" role="alert">
            {t(`report.missing.${fault}`)}
          </p>
        )}
        <button type="submit" className="om-button om-button-strong">
          {t(isSending ? 'report.sending' : 'report.send')}
        </button>
      </div>
    </form>
  );
}
