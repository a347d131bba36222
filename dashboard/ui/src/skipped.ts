// Sites whose owner asked for the overview although nothing has come yet, until
// the page is loaded anew.

export const skipped = new Set<number>();
