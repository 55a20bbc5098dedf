/** One thing that was looked at: what was found, in plain words, and the way out if it is not well. */
export interface Finding {
  readonly subject: string
  /** `problem`: the server does not start, or something of it does not work. `warning`: it works, but look at it. */
  readonly state: 'ok' | 'warning' | 'problem'
  readonly message: string
  readonly remedy?: string
}

/** It is as it should be. */
export function ok(subject: string, message: string): Finding {
  return { subject, state: 'ok', message }
}

/** It works, but somebody should look at it. */
export function warning(subject: string, message: string, remedy: string): Finding {
  return { subject, state: 'warning', message, remedy }
}

/** It does not work. */
export function problem(subject: string, message: string, remedy: string): Finding {
  return { subject, state: 'problem', message, remedy }
}
