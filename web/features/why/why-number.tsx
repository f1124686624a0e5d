import { Popover } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import type { TextKey } from '../../i18n/zh.ts';
import { clockSeconds, dateTime } from '../../time.ts';
import type { Language } from '../../url-state.ts';
import { Evidence } from './evidence.tsx';

export interface WhyProps {
  lang: Language;
  /** What is counted, in a sentence. */
  rule: TextKey;
  /** Request that answers this number again. */
  request: string;
  /** ms since 1970 when it was read. */
  readAt: number | null;
  layer?: LayerSummary | undefined;
  /** The condition of a number that counts rows of `layer`; null: all of them. Left out where the number counts no rows. */
  filter?: object | null | undefined;
  /** As of the end of this day; null: now. */
  at?: string | null;
  /** Fed by events, not by a load. */
  isLive?: boolean;
}

/** "Why this number?": where it comes from, which load, which condition, when read, and how to ask again. */
export function WhyNumber({ lang, rule, request, readAt, layer, filter, at = null, isLive }: WhyProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const rows: [string, React.ReactNode][] = [[t('lead.why.rule'), t(rule)]];
  if (layer) {
    rows.push([t('lead.why.layer'), `${pick(layer.title, lang)} (${layer.id})`]);
    if (layer.load) {
      rows.push([t('lead.why.load'), `#${layer.load.id}`]);
      rows.push([t('lead.why.loadedAt'), dateTime(Date.parse(layer.load.at), lang)]);
    }
  }
  if (isLive) rows.push([t('lead.why.load'), t('lead.why.live')]);
  rows.push([
    t('lead.why.filter'),
    filter ? <code key="filter">{JSON.stringify(filter)}</code> : t('lead.why.noFilter'),
  ]);
  if (readAt !== null) rows.push([t('lead.why.at'), clockSeconds(readAt, lang)]);
  rows.push([
    t('lead.why.query'),
    <a key="query" href={request} target="_blank" rel="noreferrer">
      <code>{request}</code>
    </a>,
  ]);
  return (
    <Popover
      width={380}
      position="bottom-end"
      withArrow
      shadow="md"
      trapFocus
      returnFocus
      opened={isOpen}
      onChange={setIsOpen}
    >
      <Popover.Target>
        <button
          type="button"
          className="om-why"
          aria-label={t('lead.why')}
          title={t('lead.why')}
          onClick={() => setIsOpen(!isOpen)}
        >
          ?
        </button>
      </Popover.Target>
      <Popover.Dropdown className="om-popover">
        <strong>{t('lead.why')}</strong>
        <dl className="om-pairs">
          {rows.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {isOpen && layer?.load && filter !== undefined && <Evidence layer={layer.id} {...{ filter, at, lang }} />}
      </Popover.Dropdown>
    </Popover>
  );
}
