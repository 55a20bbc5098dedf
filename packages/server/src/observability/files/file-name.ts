const MAX_LENGTH = 255

/**
 * The name that a caller gave a file, as metadata: without folders, control characters and halves of surrogate pairs.
 * It never becomes part of a path here, but it does on the machine of whoever downloads the file.
 */
export function cleanFileName(name: string | undefined): string {
  const last = (name ?? '').split(/[/\\]/).at(-1)!
  const clean = last
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim()
  const short = [...clean].slice(0, MAX_LENGTH).join('')
  return /^\.*$/.test(short) ? 'file' : short
}

/** The header that makes a browser save a file under its name instead of showing it (RFC 6266). */
export function attachment(filename: string): string {
  const ascii = filename.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(filename).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
