import { useTranslation } from 'react-i18next';
import type { LoadDetail } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { number } from '../../time.ts';
import { familyOf, RejectMark } from '../../ui/reject-mark.tsx';
import type { Language } from '../../url-state.ts';

export interface CodeListProps {
  codes: LoadDetail['rejects'];
  selected: string | null;
  lang: Language;
  onSelect: (code: string | null) => void;
}

/** Reasons and how often; pressing one shows only its rows, on the map and below. */
export function CodeList({ codes, selected, lang, onSelect }: CodeListProps) {
  const { t } = useTranslation();
  return (
    <ul className="om-codes" data-testid="codes">
      {codes.map(({ code, title, count }) => (
        <li key={code}>
          <button
            type="button"
            className="om-code"
            aria-pressed={code === selected}
            title={code}
            onClick={() => onSelect(code === selected ? null : code)}
          >
            <RejectMark family={familyOf(code)} />
            <span>{pick(title, lang)}</span>
            <b>{number(count, lang)}</b>
          </button>
        </li>
      ))}
      {selected !== null && (
        <li>
          <button type="button" className="om-code" onClick={() => onSelect(null)}>
            {t('data.allCodes')}
          </button>
        </li>
      )}
    </ul>
  );
}
