declare module 'mostik:world' {
  const world: { width: number; height: number; paths: Record<string, string> };
  export default world;
}
declare module '*.css';
