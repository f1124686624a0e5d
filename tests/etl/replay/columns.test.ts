import { expect, test } from 'vitest';
import { findColumns } from '../../../etl/replay/columns.ts';

test('the columns of real deliveries are found by name, as reported before as closed', () => {
  const seattle =
    'Event.Clearance.Code,Event.Clearance.Description,Event.Clearance.SubGroup,Event.Clearance.Group,Hundred.Block.Location,Longitude,Latitude,Initial.Type.Description,Initial.Type.Subgroup,Initial.Type.Group,At.Scene.Time';
  expect(findColumns(seattle.split(','))).toEqual({
    time: 'At.Scene.Time',
    lon: 'Longitude',
    lat: 'Latitude',
    id: undefined,
    category: 'Initial.Type.Group',
    title: ['Initial.Type.Description', 'Hundred.Block.Location'],
  });
  const newYork =
    'Unique Key,Created Date,Closed Date,Agency,Complaint Type,Descriptor,Incident Address,Latitude,Longitude,Location';
  expect(findColumns(newYork.split(','))).toMatchObject({
    time: 'Created Date',
    id: 'Unique Key',
    category: 'Complaint Type',
    title: ['Descriptor', 'Incident Address'],
  });
  expect(findColumns(['案件编号', '发生时间', '经度', '纬度', '类别', '描述'])).toMatchObject({
    time: '发生时间',
    lon: '经度',
    id: '案件编号',
    category: '类别',
  });
});

test('names given by hand win', () => {
  expect(findColumns(['when', 'X', 'Y', 'a', 'b', 'x2'], 'time=when,lon=x2,title=a+b')).toMatchObject({
    time: 'when',
    lon: 'x2',
    lat: 'Y',
    title: ['a', 'b'],
  });
});

test('a day and its hour in two columns, a place by its name, one category for all', () => {
  expect(findColumns(['日', '时', '镇', '村'], 'time=日+时,place=镇+村,category==Z0910')).toMatchObject({
    time: '日',
    clock: '时',
    place: ['镇', '村'],
    lon: undefined,
    category: '=Z0910',
  });
  expect(findColumns(['time', 'title'], '', true)).toMatchObject({ time: 'time', lon: undefined });
});

test.each([
  [['x', 'y'], '', 'no time column found among x, y; name it with --map time=COLUMN'],
  [['time', 'x'], '', 'no lat column'],
  [['time', 'x', 'y'], 'lat=lat', '--map lat=lat: no such column; there are time, x, y'],
  [['time', 'x', 'y'], 'colour=x', '--map colour=x: write KIND=COLUMN'],
  [['time', 'x', 'y'], 'title=a', '--map title=a: no such column'],
  [['time'], 'place=town', '--map place=town: no such column'],
])('%j with %j is refused by name', (columns, map, message) => {
  expect(() => findColumns(columns, map)).toThrow(message);
});
