/** Whether a value is JSON as it stands, told in one walk that copies nothing. */

/**
 * False also for what zod would change: a key `__proto__` is left out by it, because whoever copies such an object key by key
 * would change what it inherits.
 */
export function isPlainJson(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      return value === null || (Array.isArray(value) ? value.every(isPlainJson) : isPlainObject(value));
    default:
      return false;
  }
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.entries(value).every(([key, item]) => key !== "__proto__" && isPlainJson(item));
}
