import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { loadMesh } from '../db/mesh.ts';
import { tokenFingerprint } from '../auth/caller.ts';
import { ApiError } from '../errors.ts';
import { acknowledgeAlarm, clearAlarm, listAlarms } from '../rules/alarm-store.ts';
import { backtest } from '../rules/backtest.ts';
import { chooseFor } from '../rules/choose.ts';
import { compileRule } from '../rules/compile-rule.ts';
import {
  Alarm,
  AlarmList,
  Backtest,
  BacktestInput,
  RULE_LIMITS,
  RuleChange,
  RuleDetail,
  RuleInput,
  RuleList,
} from '../rules/contract.ts';
import { findCompiled } from '../rules/rule-row.ts';
import { disableRule, enableRule, getRule, listRules, noteTested, removeRule, saveRule } from '../rules/rule-store.ts';
import { RULES_FOLLOWER } from '../rules/take-on.ts';
import { body } from './analysis.ts';
import { failure, json, numberInPath } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { endpoint, type AppEnv } from './router.ts';

const DAY = 86_400_000;
const tags = ['rules'];
const WRONG = failure('BODY_INVALID, BODY_MALFORMED, FILTER_INVALID: `field` names the place');
const FORBIDDEN = failure('FORBIDDEN');

const id = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be a positive whole number')
    .transform(Number)
    .openapi({ param: { name: 'id', in: 'path' }, type: 'integer', example: 3 }),
});

/** Who does something, as the history tells it. */
function actorOf(c: Context<AppEnv>): string {
  const token = tokenFingerprint(c.req.header('Authorization'));
  return token === null ? c.var.caller.role : `${c.var.caller.role} ${token}`;
}

export const listAllRules = endpoint(
  createRoute({
    method: 'get',
    path: '/api/rules',
    tags,
    summary: 'Rules, each in its newest version, and whether they are on',
    responses: { 200: json(RuleList, 'The rules'), 403: FORBIDDEN },
  }),
  async (c) => {
    requireStaff(c);
    return c.json({ rules: await listRules(c.var.services.db.sql) }, 200);
  },
);

export const readRule = endpoint(
  createRoute({
    method: 'get',
    path: '/api/rules/{id}',
    tags,
    summary: 'A rule with its versions and its history',
    request: { params: id },
    responses: { 200: json(RuleDetail, 'The rule'), 403: FORBIDDEN, 404: failure('RULE_NOT_FOUND') },
  }),
  async (c) => {
    requireStaff(c);
    return c.json(await getRule(c.var.services.db.sql, c.req.valid('param').id), 200);
  },
);

async function save(c: Context<AppEnv>, ruleId: number | null, { rule, reason }: z.output<typeof RuleInput>) {
  const { db } = c.var.services;
  if (ruleId !== null) await getRule(db.sql, ruleId);
  const chosen = await chooseFor(c.var.services, c.var.caller.role, rule);
  const saved = await saveRule(db.sql, ruleId, rule, chosen, { actor: actorOf(c), reason });
  return getRule(db.sql, saved);
}

export const createRule = endpoint(
  createRoute({
    method: 'post',
    path: '/api/rules',
    tags,
    summary: 'Save a new rule; it is off',
    request: body(RuleInput),
    responses: {
      201: json(RuleDetail, 'The rule'),
      400: WRONG,
      403: FORBIDDEN,
      422: failure('LIMIT_EXCEEDED'),
    },
  }),
  async (c) => {
    requireStaff(c);
    return c.json(await save(c, null, c.req.valid('json')), 201);
  },
);

export const changeRule = endpoint(
  createRoute({
    method: 'put',
    path: '/api/rules/{id}',
    tags,
    summary: 'Save the next version of a rule; the version that is on stays on',
    request: { params: id, ...body(RuleInput) },
    responses: {
      200: json(RuleDetail, 'The rule'),
      400: WRONG,
      403: FORBIDDEN,
      404: failure('RULE_NOT_FOUND'),
      422: failure('LIMIT_EXCEEDED'),
    },
  }),
  async (c) => {
    requireStaff(c);
    return c.json(await save(c, c.req.valid('param').id, c.req.valid('json')), 200);
  },
);

const SWITCHED = {
  200: json(RuleDetail, 'The rule'),
  400: WRONG,
  403: FORBIDDEN,
  404: failure('RULE_NOT_FOUND'),
};

export const switchOn = endpoint(
  createRoute({
    method: 'post',
    path: '/api/rules/{id}/enable',
    tags,
    summary: 'Switch the newest version of a rule on; it must have been back-tested',
    request: { params: id, ...body(RuleChange) },
    responses: { ...SWITCHED, 409: failure('RULE_NOT_TESTED') },
  }),
  async (c) => {
    requireStaff(c);
    const { sql } = c.var.services.db;
    const rule = c.req.valid('param').id;
    await enableRule(sql, rule, { actor: actorOf(c), ...c.req.valid('json') });
    return c.json(await getRule(sql, rule), 200);
  },
);

export const switchOff = endpoint(
  createRoute({
    method: 'post',
    path: '/api/rules/{id}/disable',
    tags,
    summary: 'Switch a rule off; its open alarms end',
    request: { params: id, ...body(RuleChange) },
    responses: SWITCHED,
  }),
  async (c) => {
    requireStaff(c);
    const { sql } = c.var.services.db;
    const rule = c.req.valid('param').id;
    await disableRule(sql, rule, { actor: actorOf(c), ...c.req.valid('json') });
    return c.json(await getRule(sql, rule), 200);
  },
);

export const deleteRule = endpoint(
  createRoute({
    method: 'delete',
    path: '/api/rules/{id}',
    tags,
    summary: 'Remove a rule; its history and its alarms stay',
    request: { params: id },
    responses: { 204: { description: 'Removed' }, 403: FORBIDDEN, 404: failure('RULE_NOT_FOUND') },
  }),
  async (c) => {
    requireStaff(c);
    await removeRule(c.var.services.db.sql, c.req.valid('param').id, { actor: actorOf(c), reason: 'removed' });
    return c.body(null, 204);
  },
);

export const testRule = endpoint(
  createRoute({
    method: 'post',
    path: '/api/rules/backtest',
    tags,
    summary: 'When and where a rule would have raised alarms, by the engine that runs live',
    description: `At most ${RULE_LIMITS.testDays} days and ${RULE_LIMITS.testInputs} readings, positions or log entries. The first ${RULE_LIMITS.testAlarms} alarms are listed, all are counted. The rule knows nothing of what was before \`from\`.`,
    request: body(BacktestInput),
    responses: {
      200: json(Backtest, 'What would have been'),
      400: WRONG,
      403: FORBIDDEN,
      404: failure('RULE_NOT_FOUND'),
      422: failure('LIMIT_EXCEEDED'),
    },
  }),
  async (c) => {
    requireStaff(c);
    const { rule, id: ruleId, version, from, to } = c.req.valid('json');
    const { sql } = c.var.services.db;
    const range = { from: Date.parse(from), to: Math.min(Date.parse(to), Date.now()), ruleId: ruleId ?? null };
    if (range.to - range.from > RULE_LIMITS.testDays * DAY) {
      throw new ApiError('LIMIT_EXCEEDED', `from: more than ${RULE_LIMITS.testDays} days before \`to\`.`, {
        field: 'from',
        value: from,
      });
    }
    if (range.from >= range.to) {
      throw new ApiError('BODY_INVALID', 'from: must not be in the future', { field: 'from', value: from });
    }
    if (rule !== undefined) {
      const chosen = await chooseFor(c.var.services, c.var.caller.role, rule);
      const compiled = compileRule(rule, chosen);
      return c.json(await backtest(sql, compiled, range, await meshFor(c, compiled)), 200);
    }
    const saved = await getRule(sql, ruleId as number);
    const tested = version ?? saved.version;
    const compiled = await findCompiled(sql, saved.id, tested);
    if (compiled === undefined) {
      throw new ApiError('RULE_NOT_FOUND', `Rule ${saved.id} has no version ${tested}.`, {
        field: 'version',
        value: tested,
      });
    }
    const result = await backtest(sql, compiled, range, await meshFor(c, compiled));
    await noteTested(sql, saved.id, tested, result);
    return c.json(result, 200);
  },
);

/** Only positions have to be placed; incidents were when they came in. */
async function meshFor(c: Context<AppEnv>, { feed }: ReturnType<typeof compileRule>) {
  if (feed.stream !== 'positions') return undefined;
  const mesh = await loadMesh(c.var.services.db.sql);
  return mesh.codes.length > 0 ? mesh : undefined;
}

export const listAllAlarms = endpoint(
  createRoute({
    method: 'get',
    path: '/api/alarms',
    tags,
    summary: 'Alarms, the newest or the most urgent first, and the cursor to follow them from',
    request: {
      query: z.object({
        state: z.enum(['open', 'cleared', 'all']).default('open'),
        rule: z
          .string()
          .regex(/^[1-9]\d{0,8}$/, 'must be the id of a rule')
          .transform(Number)
          .optional()
          .openapi({ type: 'integer' }),
        limit: z
          .string()
          .regex(/^\d{1,4}$/, 'must be a whole number from 1 to 1000')
          .transform(Number)
          .pipe(z.int().min(1).max(1000))
          .default(200)
          .openapi({ type: 'integer', minimum: 1, maximum: 1000, default: 200 }),
        order: z.enum(['newest', 'urgent']).default('newest').openapi({
          description:
            '`urgent`: what nobody has acknowledged first, of that the most severe, of that the newest; without further pages',
        }),
        cursor: z
          .string()
          .regex(/^\d{1,15}$/, 'must be the `next` of an answer')
          .transform(Number)
          .optional(),
      }),
    },
    responses: { 200: json(AlarmList, 'The alarms'), 403: FORBIDDEN },
  }),
  async (c) => {
    requireStaff(c);
    const { state, rule = null, limit, order, cursor = null } = c.req.valid('query');
    return c.json(await listAlarms(c.var.services.db.sql, { state, rule, limit, order, before: cursor }), 200);
  },
);

const ALARM_ANSWERS = { 200: json(Alarm, 'The alarm'), 403: FORBIDDEN, 404: failure('ALARM_NOT_FOUND') };
const alarmId = z.object({
  id: numberInPath('id', 17),
});

export const acknowledge = endpoint(
  createRoute({
    method: 'post',
    path: '/api/alarms/{id}/acknowledge',
    tags,
    summary: 'Note that somebody has seen an alarm; the first one counts',
    request: { params: alarmId },
    responses: ALARM_ANSWERS,
  }),
  async (c) => {
    requireStaff(c);
    return c.json(await acknowledgeAlarm(c.var.services.db.sql, c.req.valid('param').id, actorOf(c)), 200);
  },
);

export const clear = endpoint(
  createRoute({
    method: 'post',
    path: '/api/alarms/{id}/clear',
    tags,
    summary: 'Clear an alarm; it comes again only when its condition is met anew',
    request: { params: alarmId },
    responses: ALARM_ANSWERS,
  }),
  async (c) => {
    requireStaff(c);
    const alarm = await clearAlarm(c.var.services.db.sql, c.req.valid('param').id, actorOf(c), RULES_FOLLOWER);
    return c.json(alarm, 200);
  },
);
