/** Headers, and the contents behind them, come in blocks of so many bytes. */
export const BLOCK = 512
/** What eleven octal digits hold; larger sizes are written in binary, as GNU tar and bsdtar do. */
const MAX_OCTAL = 8 ** 11 - 1
const BINARY = 0x80

/**
 * A header of the ustar format: name, mode, size, time, checksum.
 * @param name at most 100 bytes, or 155 up to a slash and 100 behind it
 * @param size in bytes
 */
export function header(name: string, size: number): Buffer {
  const cut = name.length <= 100 ? -1 : name.indexOf('/', name.length - 101)
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1')
  block.write(name.slice(cut + 1), 0, 100, 'latin1')
  if (cut > 0) block.write(name.slice(0, cut), 345, 155, 'latin1')
  octal(0o600, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  if (size <= MAX_OCTAL) octal(size, 124, 12)
  else {
    block[124] = BINARY
    block.writeBigUInt64BE(BigInt(size), 128)
  }
  octal(Math.floor(Date.now() / 1000), 136, 12)
  block.write('0', 156, 'latin1')
  block.write('ustar\u000000', 257, 'latin1')
  block.fill(' ', 148, 156)
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return block
}

/** Reads what `header` writes. @throws Error if the block is none */
export function parseHeader(block: Buffer): { name: string; size: number } {
  const text = (from: number, to: number) => block.toString('latin1', from, to).split('\0')[0]!
  if (text(257, 262) !== 'ustar') throw new Error('it is no tar archive, or it is cut off')
  const prefix = text(345, 500)
  const size = block[124] === BINARY ? Number(block.readBigUInt64BE(128)) : Number.parseInt(text(124, 136), 8)
  return { name: (prefix && `${prefix}/`) + text(0, 100), size }
}
