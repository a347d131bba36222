export function world(): { width: number; height: number; paths: Record<string, string> };
