import type { Layer } from '../define.ts';
import { household } from './household.ts';
import { person } from './person.ts';
import { police_station } from './police_station.ts';
import { room } from './room.ts';
import { video_camera } from './video_camera.ts';

export const public_security: readonly Layer[] = [person, household, room, video_camera, police_station];
