import { ActionIcon, NativeSelect, Slider } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { useVersions } from '../../api/layers.ts';
import { pick } from '../../i18n/i18n.ts';
import { GeometryIcon } from '../../ui/geometry-icon.tsx';
import { Panel } from '../../ui/panel.tsx';
import { pictureTitle, today } from '../../time.ts';
import type { Language, ShownLayer, UrlState } from '../../url-state.ts';

export interface ShownLayersProps {
  catalogue: readonly LayerSummary[];
  shown: readonly ShownLayer[];
  lang: Language;
  zoom: number;
  onChange: (shown: ShownLayer[]) => void;
  /** Which picture of a series is shown, and which one beside it. */
  series: Pick<UrlState, 'times' | 'swipe'>;
  onSeries: (patch: Partial<Pick<UrlState, 'times' | 'swipe'>>) => void;
  /** Layers whose features bear their names. */
  labels: readonly string[];
  onLabels: (labels: string[]) => void;
  /** Brings a layer to the form of filter and figures. */
  onWork: (id: string) => void;
  onTable: (id: string) => void;
  /** As of the end of this day; null: now. */
  asOf: string | null;
}

/** The layers on the map, top first: legend, order, opacity. */
export function ShownLayers(props: ShownLayersProps) {
  const { catalogue, shown, lang, zoom, onChange, series, onSeries, labels, onLabels, onWork, onTable, asOf } = props;
  const { t } = useTranslation();
  const [dragged, setDragged] = useState<string | null>(null);
  /** The order changes while a layer is dragged over others: the map shows what will be. */
  const dragOver = (over: string) => {
    if (dragged === null || dragged === over) return;
    const item = shown.find(({ id }) => id === dragged);
    const to = shown.findIndex(({ id }) => id === over);
    if (item && to >= 0) onChange(shown.filter(({ id }) => id !== dragged).toSpliced(to, 0, item));
  };
  const isRaster = (id: string | undefined) => catalogue.find((layer) => layer.id === id)?.geometry === 'raster';
  /** Where a layer goes that is moved up or down: pictures lie under everything else, so only among its like. */
  const placeOf = (index: number, by: 1 | -1): number | null => {
    const kind = isRaster(shown[index]?.id);
    for (let to = index + by; to >= 0 && to < shown.length; to += by) if (isRaster(shown[to]?.id) === kind) return to;
    return null;
  };
  const move = (index: number, by: 1 | -1) => {
    const to = placeOf(index, by);
    const next = [...shown];
    const [item] = next.splice(index, 1);
    if (item && to !== null) onChange(next.toSpliced(to, 0, item));
  };
  /** Why a layer that has others above or below it cannot go there. */
  const reason = (index: number, by: 1 | -1) =>
    placeOf(index, by) === null && shown[index + by] !== undefined ? t('menu.rasterBelow') : undefined;
  return (
    <Panel title={t('menu.shown')} className="om-shown" canFold>
      {shown.length === 0 && <p className="om-state">{t('menu.noneShown')}</p>}
      <ul className="om-shown-list">
        {shown
          .map((item, index) => ({ item, index, layer: catalogue.find(({ id }) => id === item.id) }))
          .toReversed()
          .map(({ item, index, layer }) => {
            const title = pick(layer?.title, lang) || item.id;
            return (
              <li
                key={item.id}
                data-layer={item.id}
                data-dragged={dragged === item.id || undefined}
                onDragOver={(event) => {
                  if (dragged === null) return;
                  event.preventDefault();
                  dragOver(item.id);
                }}
                onDrop={(event) => event.preventDefault()}
              >
                <div
                  className="om-shown-head"
                  draggable
                  title={t('menu.drag')}
                  onDragStart={(event) => {
                    event.dataTransfer.effectAllowed = 'move';
                    event.dataTransfer.setData('text/plain', item.id);
                    setDragged(item.id);
                  }}
                  onDragEnd={() => setDragged(null)}
                >
                  {layer?.icon && <GeometryIcon layer={layer} label={t(`geometry.${layer.geometry}`)} />}
                  <strong>{title}</strong>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="sm"
                    disabled={placeOf(index, 1) === null}
                    title={reason(index, 1)}
                    aria-label={t('menu.up', { layer: title })}
                    onClick={() => move(index, 1)}
                  >
                    ↑
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="sm"
                    disabled={placeOf(index, -1) === null}
                    title={reason(index, -1)}
                    aria-label={t('menu.down', { layer: title })}
                    onClick={() => move(index, -1)}
                  >
                    ↓
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="sm"
                    aria-label={t('menu.remove', { layer: title })}
                    onClick={() => onChange(shown.filter(({ id }) => id !== item.id))}
                  >
                    ✕
                  </ActionIcon>
                </div>
                {layer === undefined ? (
                  catalogue.length > 0 && <p className="om-tone-bad">{t('state.notFound')}</p>
                ) : (
                  <>
                    {asOf !== null && <NoVersion layer={item.id} asOf={asOf} />}
                    {zoom < layer.minzoom && <p className="om-hint">{t('legend.below', { zoom: layer.minzoom })}</p>}
                    {/* A photograph is its own legend; a picture of a measured value needs one. */}
                    {(layer.geometry !== 'raster' || layer.legend.length > 1) && (
                      <ul className="om-legend-list" aria-label={t('legend.title')}>
                        {layer.legendField !== null && (
                          <li className="om-legend-field">{pick(layer.legendField, lang)}</li>
                        )}
                        {layer.legend.map((entry) => (
                          <li key={`${entry.color}:${entry.label.zh}`}>
                            <i
                              className={`om-swatch om-swatch-${layer.geometry === 'raster' ? 'polygon' : layer.geometry}`}
                              style={{ background: entry.color }}
                            />
                            {pick(entry.label, lang)}
                          </li>
                        ))}
                      </ul>
                    )}
                    {layer.geometry !== 'raster' && (
                      <div className="om-shown-actions">
                        <label
                          className="om-check"
                          title={layer.tileLabel === null ? t('menu.labels.none') : undefined}
                        >
                          <input
                            type="checkbox"
                            disabled={layer.tileLabel === null}
                            checked={labels.includes(item.id)}
                            aria-label={t('menu.labels.of', { layer: title })}
                            onChange={(event) =>
                              onLabels(
                                event.currentTarget.checked
                                  ? [...labels, item.id]
                                  : labels.filter((id) => id !== item.id),
                              )
                            }
                          />
                          {t('menu.labels')}
                        </label>
                        <button
                          type="button"
                          className="om-link"
                          aria-label={t('menu.filter.of', { layer: title })}
                          onClick={() => onWork(item.id)}
                        >
                          {t('menu.filter')}
                        </button>
                        <button
                          type="button"
                          className="om-link"
                          aria-label={t('menu.table.of', { layer: title })}
                          onClick={() => onTable(item.id)}
                        >
                          {t('menu.table')}
                        </button>
                      </div>
                    )}
                    {layer.raster && layer.raster.times.length > 1 && (
                      <SeriesChoice
                        id={layer.id}
                        title={title}
                        times={layer.raster.times}
                        lang={lang}
                        series={series}
                        onSeries={onSeries}
                      />
                    )}
                    <Slider
                      className="om-opacity"
                      size="xs"
                      min={10}
                      max={100}
                      step={10}
                      label={(value) => `${value} %`}
                      value={Math.round(item.opacity * 100)}
                      thumbLabel={t('menu.opacity', { layer: title })}
                      onChange={(value) =>
                        onChange(
                          shown.map((other) => (other.id === item.id ? { ...other, opacity: value / 100 } : other)),
                        )
                      }
                    />
                  </>
                )}
              </li>
            );
          })}
      </ul>
    </Panel>
  );
}

function SeriesChoice(props: {
  id: string;
  title: string;
  times: readonly string[];
  lang: Language;
  series: ShownLayersProps['series'];
  onSeries: ShownLayersProps['onSeries'];
}) {
  const { id, title, times, lang, series, onSeries } = props;
  const { t } = useTranslation();
  const data = times.map((time) => ({ value: time, label: pictureTitle(time, lang) })).toReversed();
  const newest = times.at(-1) ?? '';
  return (
    <div className="om-inline om-inline-even">
      <NativeSelect
        size="xs"
        aria-label={t('menu.time', { layer: title })}
        value={series.times[id] ?? newest}
        data={data}
        onChange={(event) => {
          const { [id]: _before, ...others } = series.times;
          const { value } = event.currentTarget;
          onSeries({ times: value === newest ? others : { ...others, [id]: value } });
        }}
      />
      <NativeSelect
        size="xs"
        aria-label={t('menu.swipe')}
        value={series.swipe?.layer === id ? series.swipe.time : ''}
        data={[{ value: '', label: `${t('menu.swipe')}: ${t('menu.swipe.off')}` }, ...data]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onSeries({ swipe: value === '' ? null : { layer: id, time: value } });
        }}
      />
    </div>
  );
}

/** Said where a layer has no version of the day that is shown: nothing of it is drawn then. */
function NoVersion({ layer, asOf }: { layer: string; asOf: string }) {
  const { t } = useTranslation();
  const { data } = useVersions(layer);
  if (data === undefined || data.versions.some(({ from }) => today(Date.parse(from)) <= asOf)) return null;
  return <p className="om-hint">{t('time.noVersion', { day: asOf })}</p>;
}
