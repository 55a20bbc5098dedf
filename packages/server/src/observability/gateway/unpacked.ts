import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'

/**
 * A body as it was before its `content-encoding`; undefined if the encoding is not known, the body is broken or it
 * would come to more than `maxBytes`.
 */
export function unpacked(body: Buffer, encoding: string | undefined, maxBytes: number): Buffer | undefined {
  const limit = { maxOutputLength: maxBytes }
  try {
    switch (encoding?.trim().toLowerCase()) {
      case undefined:
      case '':
      case 'identity':
        return body
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(body, limit)
      case 'deflate':
        return inflateSync(body, limit)
      case 'br':
        return brotliDecompressSync(body, limit)
      case 'zstd':
        return zstdDecompressSync(body, limit)
      default:
        return undefined
    }
  } catch {
    return undefined
  }
}
