import { Popover } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { useVersions } from '../../api.ts';
import { pick } from '../../i18n/i18n.ts';
import type { TextKey } from '../../i18n/zh.ts';
import { clockSeconds, dateTime } from '../../time.ts';
import type { Language } from '../../url-state.ts';

export interface WhyProps {
  lang: Language;
  /** What is counted, in a sentence. */
  rule: TextKey;
  /** Request that answers this number again. */
  request: string;
  /** ms since 1970 when it was read. */
  readAt: number | null;
  layer?: LayerSummary | undefined;
  filter?: string | undefined;
  /** Fed by events, not by a load. */
  isLive?: boolean;
}

/** "Why this number?": where it comes from, which load, which condition, when read, and how to ask again. */
export function WhyNumber({ lang, rule, request, readAt, layer, filter, isLive }: WhyProps) {
  const { t } = useTranslation();
  const rows: [string, React.ReactNode][] = [[t('lead.why.rule'), t(rule)]];
  if (layer) {
    rows.push([t('lead.why.layer'), `${pick(layer.title, lang)} (${layer.id})`]);
    if (layer.load) {
      rows.push([t('lead.why.load'), `#${layer.load.id}`]);
      rows.push([t('lead.why.loadedAt'), dateTime(Date.parse(layer.load.at), lang)]);
      rows.push([t('lead.why.file'), <SourceFile key="file" layer={layer.id} load={layer.load.id} />]);
      rows.push([t('lead.why.freshness'), t(`freshness.${layer.freshness}`)]);
    }
  }
  if (isLive) rows.push([t('lead.why.load'), t('lead.why.live')]);
  rows.push([t('lead.why.filter'), filter ?? t('lead.why.noFilter')]);
  if (readAt !== null) rows.push([t('lead.why.at'), clockSeconds(readAt, lang)]);
  rows.push([
    t('lead.why.query'),
    <a key="query" href={request} target="_blank" rel="noreferrer">
      <code>{request}</code>
    </a>,
  ]);
  return (
    <Popover width={340} position="bottom-end" withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className="om-why" aria-label={t('lead.why')} title={t('lead.why')}>
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
      </Popover.Dropdown>
    </Popover>
  );
}

/** Name and fingerprint of the file a load read; asked for when somebody wants to know. */
function SourceFile({ layer, load }: { layer: string; load: number }) {
  const { data } = useVersions(layer);
  const version = data?.versions.find((item) => item.load === load);
  if (!version) return <>–</>;
  return (
    <>
      {version.file} {version.sha256 && <code title={version.sha256}>{version.sha256.slice(0, 12)}</code>}
    </>
  );
}
