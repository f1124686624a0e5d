import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** A filter as it is written: for what has no fields of its own, like "or" and "not". */
export function FilterText({
  filter,
  onChange,
}: {
  filter: object | undefined;
  onChange: (filter: Record<string, unknown> | undefined) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => (filter === undefined ? '' : JSON.stringify(filter)));
  const [isWrong, setIsWrong] = useState(false);
  const take = (next: string) => {
    setText(next);
    try {
      const read: unknown = next.trim() === '' ? undefined : JSON.parse(next);
      const isFilter = read === undefined || (typeof read === 'object' && read !== null && !Array.isArray(read));
      setIsWrong(!isFilter);
      if (isFilter) onChange(read as Record<string, unknown> | undefined);
    } catch {
      setIsWrong(true);
    }
  };
  return (
    <span className="om-filter-text">
      <textarea
        rows={3}
        spellCheck={false}
        aria-label={t('rules.filterText')}
        aria-invalid={isWrong}
        value={text}
        onChange={({ target }) => take(target.value)}
      />
      {isWrong && (
        <small className="om-tone-bad" role="alert">
          {t('rules.fault.filter')}
        </small>
      )}
    </span>
  );
}
