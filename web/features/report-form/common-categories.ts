/** The kinds people report most, with the picture of each: an icon that some layer has (`/api/icons/{set}/{name}`). */
export const COMMON_CATEGORIES: readonly (readonly [code: string, icon: string])[] = [
  ['06010', 'maki/waste-basket'],
  ['01003', 'temaki/manhole'],
  ['01004', 'temaki/water_manhole'],
  ['06013', 'maki/caution'],
  ['09009', 'maki/parking'],
  ['09011', 'maki/bicycle-share'],
  ['06028', 'temaki/speaker'],
  ['Z0902', 'maki/water'],
  ['04002', 'temaki/tree_broadleaved'],
  ['06026', 'maki/dam'],
  ['08004', 'maki/construction'],
  ['Z0201', 'maki/fire-station'],
];
