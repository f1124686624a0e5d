import { useId, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { useCategories } from '../../api/incidents.ts';
import { makeId } from '../../make-id.ts';
import { SEVERITIES } from '../../theme.ts';
import { Failure } from '../../ui/answer.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import type { Language } from '../../url-state.ts';
import { CategoryPicker } from './category-picker.tsx';
import { PhotoPicker } from './photo-picker.tsx';
import { listFiles } from './photo-store.ts';
import { PlacePicker } from './place-picker.tsx';
import type { Phase } from './prepare-file.ts';
import { draftOf, isBlank, reportOf, type ReportDraft, type ReportKind } from './report-draft.ts';
import type { WaitingReport } from './report-queue.ts';
import { Receipts, WaitingReports } from './report-status.tsx';
import { useDraft } from './use-draft.ts';
import { useReportBox } from './use-report-box.ts';
import { useReportFiles } from './use-report-files.ts';

interface ReportFormProps {
  /** Citizens may say who they are; collectors say how grave it is. */
  kind: ReportKind;
  catalogue: readonly LayerSummary[];
  lang: Language;
}

const PHASES: Record<ReportKind, readonly Phase[]> = {
  citizen: ['report'],
  collector: ['before', 'after'],
};
const PHONE = /^\+?[\d() -]{3,30}$/;

/** What is still missing, in the order of the form. */
function faultOf(draft: ReportDraft, isPreparing: boolean): 'category' | 'place' | 'photos' | 'phone' | null {
  if (draft.category === null) return 'category';
  if (draft.place === null && draft.address.trim().length < 2) return 'place';
  if (isPreparing) return 'photos';
  return draft.phone.trim() !== '' && !PHONE.test(draft.phone.trim()) ? 'phone' : null;
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
  const { draft, files: photos, change: changeDraft, changeFiles, begin } = useDraft(kind);
  const [fault, setFault] = useState<ReturnType<typeof faultOf>>(null);
  const [isPreparing, setIsPreparing] = useState(false);
  /** A report that is to be mended while another one is being written. */
  const [asked, setAsked] = useState<WaitingReport | null>(null);
  const isKeeping = useRef(false);
  const form = useRef<HTMLFormElement>(null);
  const change = (part: Partial<ReportDraft>) => {
    changeDraft(part);
    setFault(null);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const missing = faultOf(draft, isPreparing);
    setFault(missing);
    if (missing || isKeeping.current) return;
    isKeeping.current = true;
    try {
      // First the photos, so that a page closed in between loses none.
      await files.keep(photos.map((file) => ({ ...file, report: draft.id })));
      add(reportOf(draft, kind, new Date()));
      begin();
    } finally {
      isKeeping.current = false;
    }
    // To the receipt, whatever it is that scrolls.
    form.current?.scrollIntoView({ block: 'start' });
  };
  const mend = async ({ report }: WaitingReport) => {
    const next = draftOf(report);
    const kept = (await listFiles(report.id)).map((file) => ({ ...file, report: next.id }));
    await files.keep(kept);
    begin(next, kept);
    remove(report.id);
  };
  const onEdit = (item: WaitingReport) => {
    if (isBlank(draft) && photos.length === 0) void mend(item);
    else setAsked(item);
  };
  return (
    <form ref={form} className="om-report" onSubmit={(event) => void submit(event)} noValidate>
      <p className="om-report-note">{t(`report.intro.${kind}`)}</p>
      {error && <Failure error={error} />}
      <WaitingReports waiting={box.waiting} categories={categories} lang={lang} onEdit={onEdit} onDrop={remove} />
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
        files={photos}
        phases={PHASES[kind]}
        makeId={makeFileId}
        onFiles={(next) => {
          changeFiles(next);
          setFault(null);
        }}
        onBusy={setIsPreparing}
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
      {asked && (
        <ConfirmDialog
          title={t('report.replace')}
          confirm={t('report.replace.confirm')}
          onConfirm={() => void mend(asked)}
          onClose={() => setAsked(null)}
        >
          <p>{t('report.replace.help')}</p>
        </ConfirmDialog>
      )}
    </form>
  );
}
