import { Checkbox, SegmentedControl, TextInput } from '@mantine/core';
import { memo, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { isShowable } from '../../map/layer-style.ts';
import { number } from '../../time.ts';
import { GeometryIcon } from '../../ui/geometry-icon.tsx';
import { Panel } from '../../ui/panel.tsx';
import { LayerCard } from './layer-card.tsx';
import { MadeLayers } from './made-layers.tsx';
import { useFavourites } from './use-favourites.ts';
import type { Language, ShownLayer } from '../../url-state.ts';

const VIEWS = ['class', 'department', 'favourites'] as const;
type View = (typeof VIEWS)[number];

export interface LayerMenuProps {
  catalogue: readonly LayerSummary[];
  shown: readonly ShownLayer[];
  lang: Language;
  onToggle: (id: string) => void;
  /** A layer of one's own was renamed, deleted or taken back: the catalogue is another one. */
  onChanged: () => Promise<void>;
  /** It is gone from the map, too. */
  onRemoved: (id: string) => void;
}

interface Branch {
  id: string;
  title: string;
  layers: LayerSummary[];
  branches: Branch[];
}

function matches(layer: LayerSummary, words: readonly string[]): boolean {
  const text = [
    layer.id,
    layer.title.zh,
    layer.title.en,
    layer.subclass.title.zh,
    layer.subclass.title.en,
    layer.department.title.zh,
    layer.department.title.en,
  ]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Class → subclass → layer, or department → layer; in the catalogue's own order. */
function treeOf(layers: readonly LayerSummary[], by: 'class' | 'department', lang: Language): Branch[] {
  const roots = new Map<string, Branch>();
  const branchOf = (map: Map<string, Branch>, id: string, title: string) => {
    const known = map.get(id) ?? { id, title, layers: [], branches: [] };
    map.set(id, known);
    return known;
  };
  const subBranches = new Map<Branch, Map<string, Branch>>();
  for (const layer of layers) {
    const part = by === 'class' ? layer.class : layer.department;
    const root = branchOf(roots, part.id, pick(part.title, lang));
    if (by === 'department') root.layers.push(layer);
    else {
      const children = subBranches.get(root) ?? new Map<string, Branch>();
      subBranches.set(root, children);
      branchOf(children, layer.subclass.id, pick(layer.subclass.title, lang)).layers.push(layer);
    }
  }
  for (const [root, children] of subBranches) root.branches = [...children.values()];
  return [...roots.values()];
}

const countLayers = (branch: Branch): number =>
  branch.layers.length + branch.branches.reduce((sum, child) => sum + countLayers(child), 0);

/** The catalogue as a tree with search: what exists, how much of it, how fresh, who may see it. Hundreds of rows: drawn anew only for a reason. */
export const LayerMenu = memo(function LayerMenu(props: LayerMenuProps) {
  const { catalogue, shown, lang, onToggle, onChanged, onRemoved } = props;
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [by, setBy] = useState<View>('class');
  const favourites = useFavourites();
  const [open, setOpen] = useState<string | null>(null);
  const words = useMemo(() => search.toLowerCase().split(/\s+/).filter(Boolean), [search]);
  const found = useMemo(
    () =>
      catalogue.filter((layer) => matches(layer, words) && (by !== 'favourites' || favourites.ids.includes(layer.id))),
    [catalogue, words, by, favourites.ids],
  );
  // What people made has a branch of its own, on top; among the starred it stands with the others.
  const tree = useMemo(
    () =>
      treeOf(
        found.filter(({ user }) => !user || by === 'favourites'),
        by === 'department' ? by : 'class',
        lang,
      ),
    [found, by, lang],
  );
  const made = useMemo(() => found.filter(({ user }) => user && by !== 'favourites'), [found, by]);
  const ids = useMemo(() => new Set(shown.map(({ id }) => id)), [shown]);

  const row = (layer: LayerSummary, actions?: ReactNode) => (
    <LayerRow
      key={layer.id}
      layer={layer}
      isShown={ids.has(layer.id)}
      isFavourite={favourites.ids.includes(layer.id)}
      isOpen={open === layer.id}
      lang={lang}
      onToggle={onToggle}
      onFavourite={favourites.toggle}
      onOpen={(id) => setOpen(open === id ? null : id)}
    >
      {actions}
    </LayerRow>
  );
  const rows = (layers: readonly LayerSummary[]) => <ul className="om-layers">{layers.map((layer) => row(layer))}</ul>;
  return (
    <Panel
      className="om-menu"
      title={t('menu.title')}
      aside={
        <span className="om-dim">
          {t('menu.total', { shown: number(found.length, lang), total: number(catalogue.length, lang) })}
        </span>
      }
    >
      <TextInput
        type="search"
        size="sm"
        placeholder={t('menu.search')}
        aria-label={t('menu.search')}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || search === '') return;
          event.preventDefault();
          setSearch('');
        }}
      />
      <SegmentedControl
        fullWidth
        size="xs"
        value={by}
        onChange={(value) => setBy(value as View)}
        data={[
          { value: 'class', label: t('menu.byClass') },
          { value: 'department', label: t('menu.byDepartment') },
          { value: 'favourites', label: t('menu.favourites', { count: favourites.ids.length }) },
        ]}
      />
      <div className="om-tree" data-testid="layer-tree">
        {by !== 'favourites' && catalogue.length > 0 && (made.length > 0 || words.length === 0) && (
          <MadeLayers
            key={`${by}:${words.length > 0}`}
            isOpen={words.length > 0}
            isWhole={words.length === 0}
            layers={made}
            {...{ lang, row, onChanged, onRemoved }}
          />
        )}
        {tree.length === 0 && made.length === 0 && (
          <p className="om-state">
            {catalogue.length === 0
              ? t('state.loading')
              : by === 'favourites' && words.length === 0
                ? t('menu.favourites.none')
                : t('menu.none')}
          </p>
        )}
        {tree.map((root) => (
          <details
            key={`${by}:${root.id}:${words.length > 0}`}
            open={words.length > 0 || tree.length <= 3 || by === 'favourites' || undefined}
          >
            <summary>
              {root.title} <span className="om-count">{countLayers(root)}</span>
            </summary>
            {rows(root.layers)}
            {root.branches.map((branch) => (
              <div key={branch.id} className="om-branch">
                <h3>{branch.title}</h3>
                {rows(branch.layers)}
              </div>
            ))}
          </details>
        ))}
      </div>
    </Panel>
  );
});

function LayerRow(props: {
  layer: LayerSummary;
  isShown: boolean;
  isFavourite: boolean;
  isOpen: boolean;
  lang: Language;
  onToggle: (id: string) => void;
  onFavourite: (id: string) => void;
  onOpen: (id: string) => void;
  /** What else can be done with it. */
  children?: ReactNode;
}) {
  const { layer, isShown, isFavourite, isOpen, lang, onToggle, onFavourite, onOpen, children } = props;
  const { t } = useTranslation();
  const title = pick(layer.title, lang);
  return (
    <li className="om-layer" data-layer={layer.id}>
      <div className="om-layer-row">
        <Checkbox
          size="xs"
          checked={isShown}
          disabled={!isShowable(layer)}
          onChange={() => onToggle(layer.id)}
          aria-label={t('menu.toggle', { layer: title })}
          label={
            <span className="om-layer-title">
              <GeometryIcon layer={layer} label={t(`geometry.${layer.geometry}`)} /> {title}
            </span>
          }
        />
        <button
          type="button"
          className="om-star"
          aria-pressed={isFavourite}
          aria-label={t('menu.favourite', { layer: title })}
          onClick={() => onFavourite(layer.id)}
        >
          {isFavourite ? '★' : '☆'}
        </button>
        <button
          type="button"
          className="om-star"
          aria-expanded={isOpen}
          aria-label={t('menu.info', { layer: title })}
          onClick={() => onOpen(layer.id)}
        >
          ⓘ
        </button>
      </div>
      <span className="om-layer-facts">
        {layer.count !== null && (
          <span>
            {t(layer.geometry === 'raster' ? 'menu.pictures' : 'menu.rows', {
              count: layer.count,
              rows: number(layer.count, lang),
            })}
          </span>
        )}
        {layer.geometry !== 'raster' && (
          <span className={`om-badge om-badge-${layer.freshness}`}>{t(`freshness.${layer.freshness}`)}</span>
        )}
        {layer.sensitivity !== 'public' && <span className="om-badge">{t(`sensitivity.${layer.sensitivity}`)}</span>}
      </span>
      {children}
      {isOpen && <LayerCard id={layer.id} lang={lang} />}
    </li>
  );
}
