/** Names of files and folders that hold keys and passwords: no role is shown what is in them, by message or by tool. */

const secretName =
  /^(?:\.env(?:\..*)?|.*\.(?:pem|key|p12|pfx|jks|keystore)|id_(?:rsa|dsa|ecdsa|ed25519)|\.npmrc|\.netrc|\.pgpass|\.git-credentials|credentials|\.ssh|\.aws)$/i;
const sampleName = /\.(?:example|sample|template)$/i;

/** Whether one name of a path (a file's or a folder's) says that there are secrets; a sample of such a file has none. */
export function isSecretName(name: string): boolean {
  return secretName.test(name) && !sampleName.test(name);
}
