import { useId, useState, type ReactNode } from 'react';

export interface PanelProps {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Accessible name when the title is not plain text. */
  label?: string;
  /** The title folds it away. Not remembered: a shared link looks the same to everybody. */
  canFold?: boolean;
}

/** A titled section of a view. */
export function Panel({ title, aside, children, className, label, canFold = false }: PanelProps) {
  const id = useId();
  const [isFolded, setIsFolded] = useState(false);
  return (
    <section
      className={`om-panel ${className ?? ''}`}
      aria-label={label ?? (typeof title === 'string' ? title : undefined)}
    >
      <header className="om-panel-head">
        <h2>
          {canFold ? (
            <button
              type="button"
              className="om-fold"
              aria-expanded={!isFolded}
              aria-controls={id}
              onClick={() => setIsFolded(!isFolded)}
            >
              {title}
            </button>
          ) : (
            title
          )}
        </h2>
        {aside !== undefined && <div className="om-panel-aside">{aside}</div>}
      </header>
      {/* What is folded stays alive: an export goes on, a form keeps what was written. */}
      <div id={id} className="om-panel-body" hidden={isFolded}>
        {children}
      </div>
    </section>
  );
}
