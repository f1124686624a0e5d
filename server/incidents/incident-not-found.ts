import { ApiError } from '../errors.ts';

/** There is no such incident, or it is not for the caller. */
export function incidentNotFound(id: number): ApiError {
  return new ApiError('INCIDENT_NOT_FOUND', `There is no incident ${id}.`, { field: 'id', value: id });
}
