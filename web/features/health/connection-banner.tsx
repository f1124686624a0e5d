import { useTranslation } from 'react-i18next';
import { useLive } from '../../live-store.ts';
import { clockSeconds } from '../../time.ts';
import type { Language } from '../../url-state.ts';

/** Says plainly when the picture may not be of now. Nothing while live. */
export function ConnectionBanner({ lang }: { lang: Language }) {
  const { t } = useTranslation();
  const connection = useLive((state) => state.connection);
  const heardAt = useLive((state) => state.heardAt);
  const hasSituation = useLive((state) => state.situation !== null);
  if (connection === 'live' || (connection === 'connecting' && hasSituation)) return null;
  return (
    <div className={`om-banner om-banner-${connection}`} role="alert">
      {connection === 'lost'
        ? t('live.banner.lost', { time: heardAt === null ? '–' : clockSeconds(heardAt, lang) })
        : t(`live.banner.${connection}`)}
    </div>
  );
}
