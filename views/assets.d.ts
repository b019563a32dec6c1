/** Assets are imported as paths: files on disk in development, embedded files in the compiled binary. */
declare module "*.css" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/client.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/gate-edits.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/gates.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/graph.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/keys.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/login.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/panes.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/palette.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/waiting.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*.min.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*.svg" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/since.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
declare module "*/slider.js" {
  const path: string;
  // biome-ignore lint/style/noDefaultExport: a bundler gives a file as the default export of its import.
  export default path;
}
