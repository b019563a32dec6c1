/** Assets are imported as paths: files on disk in development, embedded files in the compiled binary. */
declare module "*.css" {
  const path: string;
  export default path;
}
declare module "*/client.js" {
  const path: string;
  export default path;
}
declare module "*/login.js" {
  const path: string;
  export default path;
}
declare module "*.min.js" {
  const path: string;
  export default path;
}
declare module "*.svg" {
  const path: string;
  export default path;
}
