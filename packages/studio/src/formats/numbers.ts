const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 })
const fraction = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })

/** 12,345 */
export function count(value: number): string {
  return whole.format(value)
}

/** 12.3K */
export function compactCount(value: number): string {
  return short.format(value)
}

/** @param value from 0 to 1 */
export function percent(value: number): string {
  return fraction.format(value)
}

/** `1 event`, `2 events`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`
}

/** 12 B, 3.4 KB, 5.6 MB */
export function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  return `${(value / 1000 ** step).toLocaleString(undefined, { maximumFractionDigits: step === 0 ? 0 : 1 })} ${units[step]}`
}
