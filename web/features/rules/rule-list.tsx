import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { RuleSummary } from '../../../server/app.ts';
import { useRules } from '../../alarms.ts';
import { pick } from '../../i18n/i18n.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { Answer } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import { languageQuery, type Language } from '../../url-state.ts';

function stateOf({ running, version, tested }: RuleSummary) {
  if (running === null) return tested === null ? 'untested' : 'off';
  return running.version === version ? 'on' : 'older';
}

/** All rules with their state; each leads to its form. */
export function RuleList({ lang, selected }: { lang: Language; selected: number | null }) {
  const { t } = useTranslation();
  const query = useRules();
  const search = languageQuery(lang);
  return (
    <Panel
      title={t('rules.title')}
      aside={
        <Link className="om-button" href={`/rules/new${search}`}>
          {t('rules.new')}
        </Link>
      }
    >
      <Answer query={query} isEmpty={({ rules }) => rules.length === 0}>
        {({ rules }) => (
          <ul className="om-rule-list" data-testid="rules">
            {rules.map((rule) => (
              <li key={rule.id} data-state={stateOf(rule)}>
                <Link
                  className="om-rule-open"
                  href={`/rules/${rule.id}${search}`}
                  aria-current={rule.id === selected ? 'true' : undefined}
                >
                  <span className="om-alarm-title">
                    <SeverityMark severity={asSeverity(rule.rule.severity)} /> {pick(rule.rule.name, lang)}
                  </span>
                  <small className="om-dim">
                    {t(`rules.kind.${rule.rule.kind}`)} · {t(`rules.state.${stateOf(rule)}`)}
                    {rule.openAlarms > 0 && ` · ${t('rules.openAlarms', { count: rule.openAlarms })}`}
                  </small>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Panel>
  );
}
