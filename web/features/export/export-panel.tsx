import { NativeSelect, Progress, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportJob, LayerSummary } from '../../../server/app.ts';
import { cancelExport, startExport, useExport } from '../../api/results.ts';
import { pick } from '../../i18n/i18n.ts';
import { number } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Language } from '../../url-state.ts';

const FORMATS = ['csv', 'xlsx', 'geojson', 'geojsonseq', 'shapefile', 'gpkg', 'fgb', 'parquet', 'kml'] as const;
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
  const [id, setId] = useState<string | null>(null);
  const [isStarting, setIsStarting] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const job = useExport(id);
  const layer = layers.find((item) => item.id === chosen) ?? layers.at(-1);
  const isPersonal = layer?.sensitivity === 'personal';
  const isBusy = isStarting || (id !== null && (!job.data || ['waiting', 'running'].includes(job.data.state)));
  const canStart = layer !== undefined && !isBusy && (!isPersonal || purpose.trim().length >= SHORTEST_PURPOSE);

  async function attempt(work: () => Promise<string | null>) {
    setError(null);
    setIsStarting(true);
    try {
      setId(await work());
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
    } finally {
      setIsStarting(false);
    }
  }
  const start = () =>
    attempt(async () => {
      if (layer === undefined) return null;
      const filter = filterOf(layer.id);
      const { id: started } = await startExport({
        layer: layer.id,
        format,
        ...(filter === null ? {} : { filter }),
        ...(at === null ? {} : { at }),
        ...(isPersonal ? { purpose: purpose.trim() } : {}),
      });
      return started;
    });
  const cancel = () =>
    attempt(async () => {
      if (id !== null) await cancelExport(id);
      return null;
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
          <p className="om-dim om-small">{filterOf(layer.id) === null ? t('export.all') : t('export.filtered')}</p>
          <div className="om-actions">
            <button type="submit" className="om-button om-button-strong" disabled={!canStart}>
              {t('export.start')}
            </button>
            {isBusy && id !== null && (
              <button type="button" className="om-button" onClick={() => void cancel()}>
                {t('export.cancel')}
              </button>
            )}
          </div>
          <div role="status">{job.data && id !== null && <Outcome job={job.data} lang={lang} />}</div>
          {error && <Failure error={error} />}
          {job.error && <Failure error={job.error} onRetry={() => void job.refetch()} />}
        </form>
      )}
    </Panel>
  );
}

function Outcome({ job, lang }: { job: ExportJob; lang: Language }) {
  const { t } = useTranslation();
  const { state, rows, phase } = job;
  if (state === 'failed') return <Failure error={new Error(job.error?.message ?? '')} />;
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
