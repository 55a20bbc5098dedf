import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigError } from './config-error.ts'
import { type Setting, variableNames } from './env.ts'

/** A certificate and its key, PEM. */
export interface CertifiedKey {
  readonly cert: Buffer
  readonly key: Buffer
}

/**
 * Reads a certificate and its key.
 * @param settings that name the two files
 * @throws ConfigError if they cannot be read, or do not belong together
 */
export function readCertifiedKey(
  settings: { readonly cert: Setting; readonly key: Setting },
  files: { readonly certFile: string; readonly keyFile: string },
): CertifiedKey {
  const pair = { cert: readPem(settings.cert, files.certFile), key: readPem(settings.key, files.keyFile) }
  try {
    createSecureContext(pair)
    return pair
  } catch (cause) {
    throw new ConfigError(
      `${variableNames[settings.cert]} (${files.certFile}) and ${variableNames[settings.key]} (${files.keyFile}) are no certificate and key in PEM that belong together: ${(cause as Error).message.split('\n')[0]}`,
    )
  }
}

/**
 * Reads the certificates of authorities.
 * @throws ConfigError if the file cannot be read, or is none
 */
export function readAuthority(setting: Setting, file: string): Buffer {
  const pem = readPem(setting, file)
  try {
    new X509Certificate(pem)
    return pem
  } catch {
    throw new ConfigError(
      `${variableNames[setting]} is ${JSON.stringify(file)}, which is no certificate in PEM`,
    )
  }
}

function readPem(setting: Setting, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new ConfigError(
      `${variableNames[setting]} is ${JSON.stringify(file)}, which cannot be read (${(cause as NodeJS.ErrnoException).code})`,
    )
  }
}
