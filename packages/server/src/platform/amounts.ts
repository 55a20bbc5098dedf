/** `1 event`, `2 events`, `3 entries`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}

const UNITS = ['KB', 'MB', 'GB', 'TB']

/** 512 bytes, 14.9 KB, 3.2 MB: by thousands, as disks are sold and as the studio says it. */
export function byteSize(bytes: number): string {
  if (bytes < 1_000) return counted(bytes, 'byte')
  let [size, unit] = [bytes / 1_000, 0]
  // What would be rounded to 1000.0 is one of the next unit.
  while (size >= 999.95 && unit < UNITS.length - 1) [size, unit] = [size / 1_000, unit + 1]
  return `${size.toFixed(1)} ${UNITS[unit]}`
}
