import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { CategoryList } from '../../../server/app.ts';
import { getReport } from '../../api/incidents.ts';
import { ApiError } from '../../api/request.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime } from '../../time.ts';
import { languageQuery, type Language } from '../../url-state.ts';
import type { Receipt, WaitingReport } from './report-queue.ts';
import type { WaitingFile } from './use-report-files.ts';

const REASONS = [
  'OUTSIDE_DISTRICT',
  'ADDRESS_UNKNOWN',
  'UNKNOWN_CATEGORY',
  'BODY_INVALID',
  'KEY_REUSED',
  'IN_THE_FUTURE',
] as const;
type Reason = (typeof REASONS)[number];
const isReason = (code: string): code is Reason => (REASONS as readonly string[]).includes(code);

/** Titles of categories, for what is only known by its code. */
function titleOf(categories: CategoryList['categories'], code: string, lang: Language): string {
  return pick(categories.find((each) => each.code === code)?.title, lang) || code;
}

interface WaitingProps {
  waiting: readonly WaitingReport[];
  categories: CategoryList['categories'];
  lang: Language;
  onEdit: (waiting: WaitingReport) => void;
  onDrop: (id: string) => void;
}

/** Reports that have no receipt yet: to be sent when there is a line, or to be mended. */
export function WaitingReports({ waiting, categories, lang, onEdit, onDrop }: WaitingProps) {
  const { t } = useTranslation();
  if (waiting.length === 0) return null;
  return (
    <section className="om-report-part" aria-label={t('report.waiting')}>
      <h2>{t('report.waiting')}</h2>
      <ul className="om-report-list">
        {waiting.map((item) => (
          <li key={item.report.id}>
            <strong>{titleOf(categories, item.report.category, lang)}</strong>
            {item.refusal ? (
              <>
                <p className="om-tone-bad" role="alert">
                  {isReason(item.refusal.code)
                    ? t(`report.error.${item.refusal.code}`)
                    : t('report.error.other', { message: item.refusal.message })}
                </p>
                <p>
                  <button type="button" className="om-button" onClick={() => onEdit(item)}>
                    {t('report.edit')}
                  </button>{' '}
                  <button type="button" className="om-button" onClick={() => onDrop(item.report.id)}>
                    {t('report.drop')}
                  </button>
                </p>
              </>
            ) : (
              <p className="om-dim" role="status">
                {t('report.waitingNote')}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Receipts of this device, each with what became of the report. */
export function Receipts({
  receipts,
  files,
  categories,
  lang,
  onDropFile,
}: {
  receipts: readonly Receipt[];
  /** Photos and films that are still to be sent. */
  files: readonly WaitingFile[];
  onDropFile: (id: string) => void;
  categories: CategoryList['categories'];
  lang: Language;
}) {
  const { t } = useTranslation();
  const search = languageQuery(lang);
  if (receipts.length === 0) return null;
  return (
    <section className="om-report-part" aria-label={t('report.receipts')}>
      <h2>{t('report.receipts')}</h2>
      <p className="om-dim">{t('report.keepToken')}</p>
      <ul className="om-report-list">
        {receipts.map((receipt) => (
          <li key={receipt.number}>
            <strong>
              {t('report.number')} {receipt.number}
            </strong>{' '}
            {titleOf(categories, receipt.category, lang)}
            <p className="om-dim">
              {t('report.token')} <code>{receipt.token}</code>
            </p>
            <Progress token={receipt.token} lang={lang} />
            <Files files={files.filter(({ file }) => file.report === receipt.id)} onDrop={onDropFile} />
            <p>
              <Link className="om-button om-report-follow" href={`/report/${receipt.token}${search}`}>
                {t('report.follow')}
              </Link>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

const FILE_REASONS = [
  'LIMIT_EXCEEDED',
  'MOVE_NOT_ALLOWED',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'BODY_INVALID',
] as const;
type FileReason = (typeof FILE_REASONS)[number];
const isFileReason = (code: string): code is FileReason => (FILE_REASONS as readonly string[]).includes(code);

/** How far the photos of a report are. */
function Files({ files, onDrop }: { files: readonly WaitingFile[]; onDrop: (id: string) => void }) {
  const { t } = useTranslation();
  if (files.length === 0) return null;
  return (
    <ul className="om-report-files">
      {files.map(({ file, progress, refusal }) => (
        <li key={file.id}>
          {file.name}{' '}
          {refusal !== null ? (
            <>
              <span className="om-tone-bad" role="alert">
                {t(isFileReason(refusal) ? `photo.refused.${refusal}` : 'photo.refused.other')}
              </span>{' '}
              <button type="button" className="om-button" onClick={() => onDrop(file.id)}>
                {t('report.drop')}
              </button>
            </>
          ) : progress === null ? (
            <span className="om-dim">{t('photo.waiting')}</span>
          ) : (
            <progress max={1} value={progress} aria-label={t('photo.sending', { name: file.name })} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Progress({ token, lang }: { token: string; lang: Language }) {
  const { t } = useTranslation();
  const { data, error } = useQuery({
    queryKey: ['report', token],
    queryFn: ({ signal }) => getReport(token, signal),
    refetchInterval: 60_000,
  });
  if (error) {
    return (
      <p className="om-tone-warn">
        {t(error instanceof ApiError && error.status === 404 ? 'report.gone' : 'state.unreachable')}
      </p>
    );
  }
  if (!data) return <p className="om-dim">{t('state.loading')}</p>;
  return (
    <p>
      {t(data.state === 'open' ? 'report.open' : 'report.closed')} ·{' '}
      {t('report.updated', { time: dateTime(Date.parse(data.updatedAt), lang) })}
      {data.files > 0 && ` · ${t('report.files', { count: data.files })}`}
      {data.mayRate && data.rating === null && <b> · {t('report.rateNow')}</b>}
    </p>
  );
}
