import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** One section of the card: a heading, and its content or that it failed. Nothing at all where there is nothing to tell. */
export function CardSection(props: {
  id: string;
  title: string;
  section: { error: string | null };
  isEmpty?: boolean;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const { id, title, section, isEmpty = false, aside, children } = props;
  const { t } = useTranslation();
  if (isEmpty && section.error === null) return null;
  return (
    <section className="om-situation-section" data-section={id} aria-label={title}>
      <h3>
        {title}
        {aside !== undefined && <span>{aside}</span>}
      </h3>
      {section.error === null ? (
        children
      ) : (
        <p className="om-tone-bad" role="alert">
          {t('card.failed')} <small>{section.error}</small>
        </p>
      )}
    </section>
  );
}
