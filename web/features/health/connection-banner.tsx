import { useTranslation } from 'react-i18next';
import { useLive } from '../../live-store.ts';
import { clockSeconds } from '../../time.ts';
import type { Language } from '../../url-state.ts';
import { useDataFailure, useRecovery } from './use-data-failure.ts';

/** Says plainly when the picture may not be of now. Nothing while live and the service can read its data. */
export function ConnectionBanner({ lang }: { lang: Language }) {
  const { t } = useTranslation();
  const connection = useLive((state) => state.connection);
  const heardAt = useLive((state) => state.heardAt);
  const hasSituation = useLive((state) => state.situation !== null);
  const failedSince = useDataFailure();
  useRecovery();
  if (failedSince !== null) {
    return (
      <div className="om-banner om-banner-lost" role="alert" data-testid="data-failure">
        {failedSince === 0 ? t('live.banner.noData') : t('live.banner.data', { time: clockSeconds(failedSince, lang) })}
      </div>
    );
  }
  if (connection === 'live' || (connection === 'connecting' && hasSituation)) return null;
  return (
    <div className={`om-banner om-banner-${connection}`} role="alert">
      {connection === 'lost'
        ? heardAt === null
          ? t('live.banner.unreached')
          : t('live.banner.lost', { time: clockSeconds(heardAt, lang) })
        : t(`live.banner.${connection}`)}
    </div>
  );
}
