/** A grammar that is imported with `{ type: "file" }`: its path, on disk or inside the compiled binary. */
declare module "*.wasm" {
  const path: string;
  export = path;
}
