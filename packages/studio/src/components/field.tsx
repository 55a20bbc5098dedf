import { cloneElement, type ReactElement, type ReactNode, useId } from 'react'

interface ControlProps {
  id?: string
  'aria-describedby'?: string | undefined
  'aria-invalid'?: boolean | undefined
}

/**
 * A labelled control with its hint and its error.
 * @param children one control, which gets the id, the description and the state
 */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string
  hint?: ReactNode
  error?: ReactNode
  children: ReactElement<ControlProps>
}) {
  const id = useId()
  const text = error ?? hint
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {cloneElement(children, {
        id,
        'aria-describedby': text ? `${id}-text` : undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {text && (
        <p id={`${id}-text`} className={error ? 'text-xs text-bad' : 'text-xs text-muted'}>
          {text}
        </p>
      )}
    </div>
  )
}
