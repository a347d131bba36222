// `*` stands for anything but a slash, `**` for anything at all.

const STARS: Record<string, string> = { '*': '[^/]*', '**': '.*' };

/** Globs are written as people write paths: `/курсы/*` meets its percent-encoded form. */
export const pattern = (glob: string): RegExp =>
  new RegExp('^' + encodeURI(glob).replace(/\*+|\W/g, (found) => STARS[found] || '\\' + found) + '/?$');
