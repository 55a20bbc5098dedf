/** Bytes that become characters at once; a call takes a limited number of arguments. */
const PIECE = 8_192

/** An input as the API takes it byte for byte: of a plain one it would round whole numbers beyond 2^53. */
export function byteForByte(text: string): { b64payload: string; encoding_options: readonly string[] } {
  const bytes = new TextEncoder().encode(text)
  let binary = ''
  for (let at = 0; at < bytes.length; at += PIECE)
    binary += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return { b64payload: btoa(binary), encoding_options: [] }
}
