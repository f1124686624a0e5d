import { useTranslation } from 'react-i18next';

/** Beside what is looked at: leads to its situation card. */
export function OpenCard({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation();
  return (
    <button type="button" className="om-button om-button-strong om-situation-open" onClick={onOpen}>
      {t('card.open')}
    </button>
  );
}
