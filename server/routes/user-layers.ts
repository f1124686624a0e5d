import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { canSee } from '../../layers/access.ts';
import type { Sensitivity } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import { findOwnLayer, listOwnLayers, renameUserLayer, setDeleted, type UserLayerRow } from '../queries/user-layers.ts';
import { Title, UserLayer, UserLayerList } from '../results/contract.ts';
import { failure, json, LayerId } from './parameters.ts';
import { ownerOf } from './owner-of.ts';
import { requireStaff } from './require-staff.ts';
import { MADE_BY_STAFF } from './results.ts';
import { type AppEnv, endpoint } from './router.ts';

function shown(row: UserLayerRow): UserLayer {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    deletedAt: row.deletedAt?.toISOString() ?? null,
    restorableUntil: row.restorableUntil?.toISOString() ?? null,
  };
}

function isVisible(c: Context<AppEnv>, row: UserLayerRow): boolean {
  return canSee(c.var.caller.role, { sensitivity: row.sensitivity as Sensitivity });
}

const LAYER_NAME = /^[a-z][a-z0-9_]*$/;

/** A layer of the caller's own. One that is not seen answers like what does not exist; others' may not be changed. */
async function getOwn(c: Context<AppEnv>, id: string): Promise<UserLayerRow> {
  requireStaff(c, MADE_BY_STAFF);
  // What no layer can be called is not asked of the database, which holds no zero bytes.
  const row = LAYER_NAME.test(id) ? await findOwnLayer(c.var.services.db.sql, id, ownerOf(c)) : null;
  if (row === null || !isVisible(c, row) || (row.deletedAt !== null && !row.own)) {
    throw new ApiError('LAYER_NOT_FOUND', `There is no layer "${id}" of a user.`, { field: 'id', value: id });
  }
  if (!row.own) throw new ApiError('FORBIDDEN', `Layer ${id} is somebody else's.`, { field: 'id', value: id });
  return row;
}

const CHANGED = {
  200: json(UserLayer, 'The layer as it is now'),
  403: failure('FORBIDDEN: it is not your own'),
  404: failure('LAYER_NOT_FOUND'),
};

export const listLayersOfUsers = endpoint(
  createRoute({
    method: 'get',
    path: '/api/user-layers',
    tags: ['results'],
    summary: 'Layers that were imported or made, and your own that can be taken back',
    responses: { 200: json(UserLayerList, 'The newest first, at most 1000') },
  }),
  async (c) => {
    const rows = await listOwnLayers(c.var.services.db.sql, ownerOf(c));
    return c.json({ layers: rows.filter((row) => isVisible(c, row)).map(shown) }, 200);
  },
);

export const renameLayer = endpoint(
  createRoute({
    method: 'patch',
    path: '/api/user-layers/{id}',
    tags: ['results'],
    summary: 'Gives a layer of your own another title',
    request: {
      params: LayerId,
      body: { required: true, content: { 'application/json': { schema: z.strictObject({ title: Title }) } } },
    },
    responses: { ...CHANGED, 400: failure('BODY_INVALID, BODY_MALFORMED') },
  }),
  async (c) => {
    const row = await getOwn(c, c.req.valid('param').id);
    const { title } = c.req.valid('json');
    await renameUserLayer(c.var.services.db.sql, row.id, title);
    return c.json(shown({ ...row, title }), 200);
  },
);

export const deleteLayer = endpoint(
  createRoute({
    method: 'delete',
    path: '/api/user-layers/{id}',
    tags: ['results'],
    summary: 'Deletes a layer of your own; within a day it can be taken back',
    request: { params: LayerId },
    responses: CHANGED,
  }),
  async (c) => change(c, c.req.valid('param').id, true),
);

export const restoreLayer = endpoint(
  createRoute({
    method: 'post',
    path: '/api/user-layers/{id}/restore',
    tags: ['results'],
    summary: 'Takes back that a layer of your own was deleted',
    request: { params: LayerId },
    responses: CHANGED,
  }),
  async (c) => change(c, c.req.valid('param').id, false),
);

async function change(c: Context<AppEnv>, id: string, isDeleted: boolean) {
  const { sql } = c.var.services.db;
  await getOwn(c, id);
  await setDeleted(sql, id, isDeleted);
  const row = await findOwnLayer(sql, id, ownerOf(c));
  if (row === null) throw new ApiError('LAYER_NOT_FOUND', `There is no layer "${id}" any more.`, { field: 'id' });
  return c.json(shown(row), 200);
}
