import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLayers } from '../api/layers.ts';
import { useLinkChains, useLoad, useLoads, useQuality, useReject, useRejectPlaces, useRejects } from '../api/loads.ts';
import { ApiError } from '../api/request.ts';
import { ConnectionBanner } from '../features/health/connection-banner.tsx';
import { LoadFacts } from '../features/loads/load-facts.tsx';
import { LoadHistory } from '../features/loads/load-history.tsx';
import { DepartmentList } from '../features/quality/department-list.tsx';
import { LinkChains } from '../features/quality/link-chains.tsx';
import { LayerTable } from '../features/quality/layer-table.tsx';
import { CodeList } from '../features/rejects/code-list.tsx';
import { OutsidePlaces } from '../features/rejects/outside-places.tsx';
import { DownloadRejects } from '../features/rejects/download-rejects.tsx';
import { RejectRows } from '../features/rejects/reject-list.tsx';
import { pick } from '../i18n/i18n.ts';
import { CityMap, type FlyTo, type Hit } from '../map/city-map.tsx';
import { REJECT_LAYER, rejectLayers } from '../map/reject-layers.ts';
import { usePlaceLabels } from '../place-names.ts';
import { light } from '../theme.ts';
import { number } from '../time.ts';
import { Answer } from '../ui/answer.tsx';
import { BarList } from '../ui/bar-list.tsx';
import { Panel } from '../ui/panel.tsx';
import { FAULT_FAMILIES, familyOf, RejectMark } from '../ui/reject-mark.tsx';
import { emptyState, type DataFocus } from '../url-state.ts';
import { useUrlState } from '../use-url-state.ts';
import { Brand, ViewSwitch } from './shell.tsx';
import { useRootSize } from './use-root-size.ts';
import { useShortcuts } from './use-shortcuts.ts';

const SHEETS = ['departments', 'layers', 'repair'] as const;
const NOTHING: never[] = [];
const MOST_SHOWN = 12;
/** Zoom at which a single house is seen. */
const ROW_ZOOM = 15.5;

const isForbidden = (error: Error | null) => error instanceof ApiError && error.status === 403;

/** The data desk: what was loaded, how good it is by which criteria, and what has to be mended, where and by whom. */
export default function Data() {
  const { t } = useTranslation();
  const [state, patch] = useUrlState();
  const { lang, data } = state;
  const { department, layer, code, row } = data;
  const rootPx = useRootSize('desk');
  const mapScale = Math.round((rootPx / 16) * 10) / 10;
  const { data: catalogue = NOTHING } = useLayers();
  const places = usePlaceLabels(catalogue);
  const quality = useQuality();
  const chains = useLinkChains();
  const loads = useLoads(layer, department);
  const chosen = quality.data?.layers.find(({ id }) => id === layer);
  // Of a layer the live load, where none is named; one that was never published has its last attempt.
  const load = data.load ?? (layer === null ? null : (chosen?.load ?? loads.data?.pages[0]?.loads[0]?.id ?? null));
  const detail = useLoad(load);
  const rejects = useRejects(load, code);
  const named = useReject(load, row);
  const rejectPlaces = useRejectPlaces(load, department, code);

  const focus = useCallback(
    (change: Partial<DataFocus>, sheet?: (typeof SHEETS)[number]) =>
      patch((now) => ({ data: { ...now.data, ...change }, ...(sheet ? { sheet } : {}) })),
    [patch],
  );
  const onDepartment = useCallback(
    (id: string | null) => focus({ ...emptyState.data, department: id }, 'layers'),
    [focus],
  );
  const onLayer = useCallback((id: string | null) => focus({ layer: id, load: null, code: null, row: null }), [focus]);
  const onEscape = useCallback(
    () =>
      patch((now) => {
        const { data: d } = now;
        if (d.row !== null) return { data: { ...d, row: null } };
        if (d.code !== null) return { data: { ...d, code: null } };
        if (d.load !== null || d.layer !== null) return { data: { ...d, load: null, layer: null } };
        return d.department === null ? {} : { data: { ...d, department: null } };
      }),
    [patch],
  );
  useShortcuts(onEscape);

  const over = useMemo(
    () =>
      rejectPlaces.data
        ? rejectLayers({ places: rejectPlaces.data, selected: row, palette: light, scale: mapScale })
        : NOTHING,
    [rejectPlaces.data, row, mapScale],
  );
  const [flyTo, setFlyTo] = useState<FlyTo | null>(null);
  const fly = ([lng, lat]: [number, number]) => setFlyTo({ key: String(Date.now()), lng, lat, zoom: ROW_ZOOM });
  const onPlace = useCallback(
    (index: number) => {
      if (!rejectPlaces.data) return;
      const { ids, loads: ofLoads, layers } = rejectPlaces.data;
      focus(
        {
          row: ids[index] ?? null,
          ...(load === null ? { layer: layers[index] ?? null, load: ofLoads[index] ?? null } : {}),
        },
        'repair',
      );
    },
    [rejectPlaces.data, load, focus],
  );
  const onHit = useCallback(
    (hit: Hit | null) => {
      if (hit?.kind === 'overlay' && hit.layer === REJECT_LAYER) onPlace(hit.index);
      else focus({ row: null });
    },
    [onPlace, focus],
  );

  const titleOf = useMemo(() => {
    const titles = new Map(catalogue.map((item) => [item.id, pick(item.title, lang)]));
    return (id: string) => titles.get(id) ?? id;
  }, [catalogue, lang]);
  const families = FAULT_FAMILIES.filter((family) =>
    rejectPlaces.data?.codes.some((each) => familyOf(each) === family),
  );
  const listed = rejects.data?.pages.flatMap((page) => page.rejects) ?? [];
  // A row that was clicked on the map need not be on a page that was read.
  const shown = named.data && !listed.some(({ id }) => id === row) ? [named.data, ...listed] : listed;
  const setAside = detail.data?.rejects.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const scope =
    layer !== null ? titleOf(layer) : pick(quality.data?.departments.find(({ id }) => id === department)?.title, lang);
  const most = (quality.data?.layers ?? NOTHING)
    .filter((item) => (department === null || item.department === department) && (item.rows?.quarantined ?? 0) > 0)
    .toSorted((a, b) => (b.rows?.quarantined ?? 0) - (a.rows?.quarantined ?? 0))
    .slice(0, MOST_SHOWN);
  const sheet = SHEETS.find((item) => item === state.sheet) ?? 'layers';
  return (
    <div className="om-plan om-data" data-sheet={sheet}>
      <header className="om-top">
        <Brand />
        <ViewSwitch view="data" lang={lang} />
      </header>
      <ConnectionBanner lang={lang} />
      <main id="main" className="om-plan-main om-data-main">
        <div className="om-plan-left om-data-left">
          <Panel title={t('data.departments')} aside={<span className="om-dim">{t('data.score')}</span>}>
            <Answer query={quality} isEmpty={({ layers }) => layers.length === 0}>
              {(answer) => (
                <>
                  {answer.pending > 0 && (
                    <p className="om-dim om-small" role="status">
                      {t('data.pending', { count: answer.pending })}
                    </p>
                  )}
                  <DepartmentList quality={answer} selected={department} lang={lang} onSelect={onDepartment} />
                </>
              )}
            </Answer>
          </Panel>
          <Panel title={t('data.chains')} aside={<span className="om-dim">{t('data.chainsRate')}</span>}>
            <Answer query={chains}>{(answer) => <LinkChains chains={answer.chains} lang={lang} />}</Answer>
          </Panel>
        </div>
        <div className="om-data-middle">
          <Panel
            className="om-data-layers"
            title={t('data.layers')}
            aside={<span className="om-dim">{t('data.worst')}</span>}
          >
            <Answer query={quality} isEmpty={({ layers }) => layers.length === 0}>
              {(answer) => (
                <LayerTable quality={answer} department={department} selected={layer} lang={lang} onSelect={onLayer} />
              )}
            </Answer>
          </Panel>
          <Panel
            className="om-data-loads"
            title={t('data.loads')}
            aside={<span className="om-dim">{scope || t('data.loadsAll')}</span>}
          >
            <Answer query={loads}>
              {({ pages }) => {
                const all = pages.flatMap((page) => page.loads);
                if (all.length === 0) return <p className="om-state">{t('data.noLoads')}</p>;
                return (
                  <>
                    <LoadHistory
                      loads={all}
                      titleOf={layer === null ? titleOf : null}
                      selected={load}
                      lang={lang}
                      onSelect={(item) => focus({ layer: item.layer, load: item.id, code: null, row: null })}
                    >
                      <Answer query={detail}>{(answer) => <LoadFacts load={answer} lang={lang} />}</Answer>
                    </LoadHistory>
                    {loads.hasNextPage && (
                      <button
                        type="button"
                        className="om-button om-more"
                        disabled={loads.isFetchingNextPage}
                        onClick={() => void loads.fetchNextPage()}
                      >
                        {t('data.more')}
                      </button>
                    )}
                  </>
                );
              }}
            </Answer>
          </Panel>
        </div>
        <div className="om-data-right">
          <div className="om-data-map">
            <CityMap
              palette={light}
              label={t('data.map')}
              catalogue={catalogue}
              camera={state.camera}
              onCamera={(camera) => patch({ camera }, true)}
              shown={NOTHING}
              under={NOTHING}
              over={over}
              onHit={onHit}
              flyTo={flyTo}
              places={places}
              scale={mapScale}
            >
              {rejectPlaces.data && (
                <div className="om-legend" data-testid="repair-legend">
                  <strong>{t('data.mapTitle')}</strong>{' '}
                  {t('data.mapCount', {
                    placed: number(rejectPlaces.data.placed, lang),
                    total: number(rejectPlaces.data.total, lang),
                  })}
                  {rejectPlaces.data.cut && ` · ${t('data.mapCut', { count: rejectPlaces.data.ids.length })}`}
                  <ol>
                    {families.map((family) => (
                      <li key={family}>
                        <RejectMark family={family} /> {t(`data.family.${family}`)}
                      </li>
                    ))}
                  </ol>
                  <OutsidePlaces
                    places={rejectPlaces.data}
                    lang={lang}
                    onSelect={(index) => {
                      onPlace(index);
                      fly([rejectPlaces.data.lons[index] ?? 0, rejectPlaces.data.lats[index] ?? 0]);
                    }}
                    onShowAll={(bounds) => setFlyTo({ key: String(Date.now()), bounds })}
                  />
                </div>
              )}
            </CityMap>
          </div>
          <div className="om-data-repair">
            {load === null ? (
              <Panel title={t('data.most')} aside={<span className="om-dim">{scope}</span>}>
                {isForbidden(rejectPlaces.error) && <p className="om-state">{t('data.staffOnly')}</p>}
                <BarList
                  label={t('data.most')}
                  items={most.map((item) => ({
                    key: item.id,
                    label: pick(item.title, lang),
                    value: item.rows?.quarantined ?? 0,
                    text: number(item.rows?.quarantined ?? 0, lang),
                    onSelect: () => onLayer(item.id),
                  }))}
                />
              </Panel>
            ) : (
              <>
                <Panel
                  title={`${titleOf(detail.data?.layer ?? layer ?? '')} #${load}`}
                  label={t('data.rejects')}
                  aside={
                    setAside > 0 &&
                    !isForbidden(rejects.error) && (
                      <DownloadRejects key={load} load={load} count={setAside} lang={lang} />
                    )
                  }
                >
                  <Answer query={detail}>
                    {() => (
                      <p className="om-dim">
                        {setAside === 0 ? t('data.noRejects') : t('data.setAside', { rows: number(setAside, lang) })}
                      </p>
                    )}
                  </Answer>
                  {detail.data && setAside > 0 && (
                    <CodeList
                      codes={detail.data.rejects}
                      selected={code}
                      lang={lang}
                      onSelect={(next) => focus({ code: next, row: null })}
                    />
                  )}
                  {isForbidden(rejects.error) ? (
                    <p className="om-state">{t('data.staffOnly')}</p>
                  ) : (
                    setAside > 0 && (
                      <Answer query={rejects}>
                        {() => (
                          <>
                            <RejectRows
                              rows={shown}
                              selected={row}
                              lang={lang}
                              onSelect={(item) => focus({ row: item?.id ?? null })}
                              onShow={(item) => {
                                if (item.place) fly(item.place);
                              }}
                            />
                            {rejects.hasNextPage && (
                              <button
                                type="button"
                                className="om-button om-more"
                                disabled={rejects.isFetchingNextPage}
                                onClick={() => void rejects.fetchNextPage()}
                              >
                                {t('data.more')}
                              </button>
                            )}
                          </>
                        )}
                      </Answer>
                    )
                  )}
                </Panel>
              </>
            )}
          </div>
        </div>
      </main>
      <nav className="om-sheets" aria-label={t('app.views')}>
        {SHEETS.map((item) => (
          <button key={item} type="button" aria-pressed={sheet === item} onClick={() => patch({ sheet: item }, true)}>
            {t(`data.sheet.${item}`)}
          </button>
        ))}
      </nav>
    </div>
  );
}
