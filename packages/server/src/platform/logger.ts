import { type Logger, pino } from 'pino'

/** The log: JSON lines on the standard output, without secrets. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'authorization',
        'apiKey',
        'password',
        '*.authorization',
        '*.apiKey',
        '*.password',
        '*.headers.authorization',
        'err.config.headers',
        'err.client',
      ],
      censor: '(not logged)',
    },
  })
}
