import { NativeSelect, Progress, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportJob, LayerSummary } from '../../../server/app.ts';
import { ApiError } from '../../api/request.ts';
import { cancelExport, startExport, useExport } from '../../api/results.ts';
import { pick } from '../../i18n/i18n.ts';
import { number } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Language } from '../../url-state.ts';
import { useExportId } from './use-export-id.ts';

const FORMATS = ['csv', 'xlsx', 'geojson', 'geojsonseq', 'shapefile', 'gpkg', 'fgb', 'parquet', 'kml'] as const;
/** Formats with a line of headings. */
const HEADED: readonly string[] = ['csv', 'xlsx'];
const SHORTEST_PURPOSE = 4;

export interface ExportPanelProps {
  /** Layers that may be chosen: those on the map, counted or selected. */
  layers: readonly LayerSummary[];
  filterOf: (layer: string) => object | null;
  /** As of the end of this day; null: now. */
  at: string | null;
  lang: Language;
}

/** A layer as a file: choose the format, watch how far it is, cancel it, fetch it. */
export function ExportPanel({ layers, filterOf, at, lang }: ExportPanelProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const [format, setFormat] = useState<(typeof FORMATS)[number]>('csv');
  const [purpose, setPurpose] = useState('');
  const [hasTitles, setHasTitles] = useState(true);
  const [id, setId] = useExportId();
  const [isStarting, setIsStarting] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const job = useExport(id);
  const layer = layers.find((item) => item.id === chosen) ?? layers.at(-1);
  const isPersonal = layer?.sensitivity === 'personal';
  const isGone = job.error instanceof ApiError && job.error.status === 404;
  const isMaking =
    id !== null && !isGone && (job.data === undefined || ['waiting', 'running'].includes(job.data.state));
  const isBusy = isStarting || isMaking;
  const canStart = layer !== undefined && !isBusy && (!isPersonal || purpose.trim().length >= SHORTEST_PURPOSE);

  async function attempt(work: () => Promise<unknown>) {
    setError(null);
    setIsStarting(true);
    try {
      await work();
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    } finally {
      setIsStarting(false);
    }
  }
  const start = () =>
    attempt(async () => {
      if (layer === undefined) return;
      const filter = filterOf(layer.id);
      const { id: started } = await startExport({
        layer: layer.id,
        format,
        ...(hasTitles && HEADED.includes(format) ? { heading: lang } : {}),
        ...(filter === null ? {} : { filter }),
        ...(at === null ? {} : { at }),
        ...(isPersonal ? { purpose: purpose.trim() } : {}),
      });
      setId(started);
    });
  const cancel = () =>
    attempt(async () => {
      if (id === null) return;
      await cancelExport(id);
      await job.refetch();
    });

  return (
    <Panel title={t('export.title')} className="om-export" canFold>
      {layer === undefined ? (
        <p className="om-state">{t('export.noLayer')}</p>
      ) : (
        <form
          className="om-download"
          onSubmit={(event) => {
            event.preventDefault();
            if (canStart) void start();
          }}
        >
          <NativeSelect
            size="sm"
            label={t('export.layer')}
            value={layer.id}
            disabled={isBusy}
            onChange={(event) => setChosen(event.currentTarget.value)}
            data={layers.map((item) => ({ value: item.id, label: pick(item.title, lang) }))}
          />
          <NativeSelect
            size="sm"
            label={t('export.format')}
            value={format}
            disabled={isBusy}
            onChange={(event) => setFormat(FORMATS.find((item) => item === event.currentTarget.value) ?? 'csv')}
            data={FORMATS.map((value) => ({ value, label: t(`export.format.${value}`) }))}
          />
          {HEADED.includes(format) && (
            <NativeSelect
              size="sm"
              label={t('export.heading')}
              value={hasTitles ? 'title' : 'name'}
              disabled={isBusy}
              onChange={(event) => setHasTitles(event.currentTarget.value === 'title')}
              data={[
                { value: 'title', label: t('export.heading.title') },
                { value: 'name', label: t('export.heading.name') },
              ]}
            />
          )}
          {isPersonal && (
            <TextInput
              size="sm"
              label={t('export.purpose')}
              description={t('export.audit')}
              value={purpose}
              maxLength={500}
              disabled={isBusy}
              onChange={(event) => setPurpose(event.currentTarget.value)}
            />
          )}
          <p className="om-dim om-small">
            {t(filterOf(layer.id) === null ? 'export.all' : 'export.filtered')}
            {at !== null && ` ${t('export.asOf', { day: at })}`}
          </p>
          <div className="om-actions">
            <button type="submit" className="om-button om-button-strong" disabled={!canStart}>
              {t('export.start')}
            </button>
            {isMaking && (
              <button type="button" className="om-button" disabled={isStarting} onClick={() => void cancel()}>
                {t('export.cancel')}
              </button>
            )}
          </div>
          <div role="status">{job.data && id !== null && !isGone && <Outcome job={job.data} lang={lang} />}</div>
          {error && <Failure error={error} />}
          {job.error && !isGone && <Failure error={job.error} onRetry={() => void job.refetch()} />}
        </form>
      )}
    </Panel>
  );
}

function Outcome({ job, lang }: { job: ExportJob; lang: Language }) {
  const { t } = useTranslation();
  const { state, rows, phase } = job;
  if (state === 'failed') {
    return (
      <p className="om-state om-failure">
        <strong>{t('export.failed')}</strong>
        <small lang="en">{job.error?.message}</small>
      </p>
    );
  }
  if (state === 'cancelled') return <p>{t('export.cancelled')}</p>;
  const counted = t('export.rows', { done: number(rows.done, lang), total: number(rows.total, lang) });
  if (state === 'ready' && job.file !== null) {
    return (
      <p>
        <a className="om-button om-button-strong" href={job.file} download={job.name ?? true}>
          {t('export.download', { name: job.name ?? '' })}
        </a>{' '}
        <span>{counted}</span>
      </p>
    );
  }
  const share = rows.total === 0 ? 100 : (100 * rows.done) / rows.total;
  return (
    <>
      <Progress value={state === 'waiting' ? 0 : share} aria-label={t('export.progress')} animated />
      <p className="om-small">
        {phase === null ? t('export.waiting') : t(`export.phase.${phase}`)} · {counted}
      </p>
    </>
  );
}
