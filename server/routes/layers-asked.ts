import type { Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import type { Catalogue } from '../catalogue.ts';
import { ApiError } from '../errors.ts';

/**
 * The layers named in a parameter, ids with commas between them; all that fit when it is left out.
 * @throws ApiError `LAYER_NOT_FOUND`, `PARAMETER_INVALID` for one that does not fit; `why` says so of it
 */
export async function layersAsked(
  catalogue: Pick<Catalogue, 'get' | 'list'>,
  role: Role,
  parameter: { name: string; text: string | undefined },
  fits: (layer: Layer) => boolean,
  why: string,
): Promise<Layer[]> {
  const ids = parameter.text?.split(',').filter((id) => id !== '');
  const entries =
    ids === undefined ? await catalogue.list(role) : await Promise.all(ids.map((id) => catalogue.get(id, role)));
  return entries.flatMap(({ layer }) => {
    if (fits(layer)) return [layer];
    if (ids === undefined) return [];
    const message = `${parameter.name}: the features of ${layer.id} ${why}`;
    throw new ApiError('PARAMETER_INVALID', message, { field: parameter.name, value: layer.id });
  });
}
