/** Addresses that read as many rows as somebody likes, or compute from them. */
const EXPENSIVE = [
  /^\/api\/layers\/[^/]+\/features$/,
  /^\/api\/layers\/[^/]+\/diff(\/|$)/,
  /^\/api\/layers\/[^/]+\/export(\/|$)/,
  /^\/api\/analysis(\/|$)/,
  /^\/api\/exports(\/|$)/,
  /^\/api\/situation$/,
  /^\/api\/rules\/backtest$/,
  /^\/api\/ogc\/collections\/[^/]+\/items(\/|$)/,
  /^\/api\/loads\/[^/]+\/rejects(\/|$)/,
  /^\/api\/rejects(\/|$)/,
  /^\/api\/quality$/,
];

/** Addresses that are cheap as the wall asks for them, and expensive with a condition of somebody's own or in the past. */
const EXPENSIVE_WITH_CONDITION = [/^\/api\/layers\/[^/]+\/(tiles|h3|cells|aggregate|filter)(\/|$)/, /^\/api\/tiles\//];
const CONDITIONS = ['filter', 'at'];

/**
 * Whose request this is: the planner's, who may ask for anything and can wait, or the wall's (and everybody's map), which
 * must never wait for a planner.
 */
export function laneOf(path: string, parameters: URLSearchParams): 'planner' | 'wall' {
  if (EXPENSIVE.some((pattern) => pattern.test(path))) return 'planner';
  const isConditional = CONDITIONS.some((name) => parameters.has(name));
  return isConditional && EXPENSIVE_WITH_CONDITION.some((pattern) => pattern.test(path)) ? 'planner' : 'wall';
}
