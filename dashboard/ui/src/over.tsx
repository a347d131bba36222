// What lies over the overview when asked for; loaded when the page has come to
// rest, so that it is there before it is wanted and in nobody's way.

export { Annotations } from './annotations';
export { Definition } from './definition';
export { Empty } from './empty';
export { FilterValue } from './filter-value';
export { Help } from './help';
export { FullList } from './list';
export { CustomComparison, CustomPeriod } from './own-days';
export { Segments } from './segments';
