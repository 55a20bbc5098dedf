/** How far long work is. @param value from 0 to 1; null if it cannot be told yet */
export function Progress({ value, label }: { value: number | null; label: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(value === null ? {} : { 'aria-valuenow': Math.round(value * 100) })}
      className="h-1.5 w-full overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={value === null ? 'h-full w-1/3 animate-pulse bg-accent' : 'h-full bg-accent'}
        style={value === null ? undefined : { width: `${Math.min(100, value * 100)}%` }}
      />
    </div>
  )
}
