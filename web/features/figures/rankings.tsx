import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useIncidentStats } from '../../api/incidents.ts';
import { pick } from '../../i18n/i18n.ts';
import { useLive } from '../../live-store.ts';
import { communityOf, townOf, type PlaceNames } from '../../place-names.ts';
import { number } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { BarList } from '../../ui/bar-list.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Language } from '../../url-state.ts';

interface RankingProps {
  lang: Language;
  names: PlaceNames;
  level: 'town' | 'community';
  limit: number;
  onSelect?: (code: string) => void;
}

/** Open load by town or community, summed from the live cells: the same numbers as on the map. */
export function Ranking({ lang, names, level, limit, onSelect }: RankingProps) {
  const { t } = useTranslation();
  const version = useLive((state) => state.listed);
  const situation = useLive((state) => state.situation);
  const items = useMemo(() => {
    const sums = new Map<string, { open: number; overdue: number }>();
    for (const [grid, { open, overdue }] of situation?.cells ?? []) {
      const code = level === 'town' ? townOf(grid) : communityOf(grid);
      const sum = sums.get(code) ?? { open: 0, overdue: 0 };
      sums.set(code, { open: sum.open + open, overdue: sum.overdue + overdue });
    }
    return [...sums].toSorted((a, b) => b[1].open - a[1].open || a[0].localeCompare(b[0])).slice(0, limit);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `situation` changes in place
  }, [situation, version, level, limit]);
  const title = t(level === 'town' ? 'rank.towns' : 'rank.communities');
  return (
    <Panel title={title} className={`om-rank-${level}`}>
      {items.length === 0 ? (
        <p className="om-state">{situation ? t('rank.none') : t('state.loading')}</p>
      ) : (
        <BarList
          label={title}
          items={items.map(([code, { open, overdue }]) => ({
            key: code,
            // Not a number for a name while the names are still on their way.
            label: names.get(code) ?? (names.size === 0 ? '…' : code),
            value: open,
            text: number(open, lang),
            note: overdue > 0 ? `${t('figure.overdue')} ${number(overdue, lang)}` : undefined,
            onSelect: onSelect && (() => onSelect(code)),
          }))}
        />
      )}
    </Panel>
  );
}

/** Open incidents by category, now or at a time (ISO 8601). */
export function Categories({ lang, limit, at = null }: { lang: Language; limit: number; at?: string | null }) {
  const { t } = useTranslation();
  const query = useIncidentStats('category', at);
  return (
    <Panel title={t('rank.categories')} className="om-categories">
      <Answer query={query} isEmpty={({ groups }) => groups.every(({ open }) => open === 0)}>
        {({ groups }) => (
          <BarList
            label={t('rank.categories')}
            tone={1}
            items={groups
              .filter(({ open }) => open > 0)
              .toSorted((a, b) => b.open - a.open)
              .slice(0, limit)
              .map(({ key, title, open }) => ({
                key,
                label: pick(title ?? undefined, lang) || key,
                value: open,
                text: number(open, lang),
              }))}
          />
        )}
      </Answer>
    </Panel>
  );
}
