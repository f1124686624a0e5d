import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SearchHit } from '../../../server/app.ts';
import { useSearch } from '../../api/search.ts';
import { pick } from '../../i18n/i18n.ts';
import { Failure } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';

/** Hits that are proposed of each group. */
const PER_GROUP = 5;

export interface SearchBoxProps {
  lang: Language;
  /** `lng,lat` of the middle of the map: what is near comes first. */
  near: string | null;
  onPick: (hit: SearchHit) => void;
}

/** One box for layers, places, addresses, enterprises and cameras. People are not proposed: they are looked for with a purpose. */
export function SearchBox({ lang, near, onPick }: SearchBoxProps) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(0);
  const query = useSearch(text.trim(), PER_GROUP, near);
  const groups = query.data?.groups ?? [];
  const hits = groups.flatMap((group) => group.hits);
  const current = hits[Math.min(active, hits.length - 1)];
  const isShown = isOpen && text.trim() !== '';

  function choose(hit: SearchHit | undefined) {
    if (hit === undefined) return;
    setIsOpen(false);
    onPick(hit);
  }

  function onKeyDown(event: React.KeyboardEvent<HTMLInputElement>) {
    // Enter ends the writing of Chinese, and chooses nothing yet.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setIsOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (hits.length > 0) setActive((now) => (Math.min(now, hits.length - 1) + step + hits.length) % hits.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      // What is still shown of the text before is not what was asked for.
      if (isShown && !query.isPlaceholderData) choose(current);
    } else if (event.key === 'Escape' && (isShown || text !== '')) {
      event.preventDefault();
      if (isShown) setIsOpen(false);
      else setText('');
    }
  }

  return (
    <div
      className="om-search"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setIsOpen(false);
      }}
    >
      <input
        type="text"
        role="combobox"
        data-search-first
        className="om-search-input"
        placeholder={t('search.placeholder')}
        aria-label={t('search.label')}
        aria-expanded={isShown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isShown && current ? `${id}-${hits.indexOf(current)}` : undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
          setIsOpen(true);
        }}
        onFocus={() => setIsOpen(true)}
        onKeyDown={onKeyDown}
      />
      <kbd className="om-kbd" aria-hidden="true">
        /
      </kbd>
      <div className="om-search-list" hidden={!isShown}>
        <div id={`${id}-list`} role="listbox" aria-label={t('search.label')}>
          {groups.map((group) => (
            <div key={group.group} role="group" aria-label={pick(group.title, lang)}>
              <h3 aria-hidden="true">{pick(group.title, lang)}</h3>
              {group.hits.map((hit) => {
                const index = hits.indexOf(hit);
                return (
                  // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are the input's
                  <div
                    key={`${hit.layer}:${hit.fid}`}
                    id={`${id}-${index}`}
                    role="option"
                    tabIndex={-1}
                    aria-selected={hit === current}
                    className="om-search-hit"
                    onMouseDown={(event) => event.preventDefault()}
                    onMouseMove={() => setActive(index)}
                    onClick={() => choose(hit)}
                  >
                    <span>
                      <Marked hit={hit} lang={lang} />
                    </span>
                    {hit.fid !== null && <small className="om-dim">{pick(hit.layerTitle, lang)}</small>}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
        <div role="status" className="om-search-state">
          {isShown && query.isFetching && hits.length === 0 && t('state.loading')}
          {isShown && query.data && !query.isFetching && hits.length === 0 && t('search.none', { text: text.trim() })}
          {isShown && (query.data?.pending.length ?? 0) > 0 && (
            <small>{t('search.pending', { count: query.data?.pending.length })}</small>
          )}
        </div>
        {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      </div>
    </div>
  );
}

/** The title of a hit with what matched in bold, or what matched behind the title. */
function Marked({ hit, lang }: { hit: SearchHit; lang: Language }) {
  const title = pick(hit.title, lang);
  const { text, range } = hit.match;
  if (text === title && range) {
    return (
      <>
        {title.slice(0, range[0])}
        <mark>{title.slice(...range)}</mark>
        {title.slice(range[1])}
      </>
    );
  }
  return (
    <>
      {title}
      {text !== title && <small className="om-dim"> {text}</small>}
    </>
  );
}
