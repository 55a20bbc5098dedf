import type { WorkerOptions } from '@temporalio/worker'
import { WorkerError } from './worker-error.ts'

/** Options of Temporal's own worker that a user may set. */
export type TemporalOptions = Pick<
  WorkerOptions,
  | 'maxConcurrentActivityTaskExecutions'
  | 'maxConcurrentLocalActivityExecutions'
  | 'maxConcurrentWorkflowTaskExecutions'
  | 'maxConcurrentActivityTaskPolls'
  | 'maxConcurrentWorkflowTaskPolls'
  | 'maxActivitiesPerSecond'
  | 'maxCachedWorkflows'
  | 'tuner'
  | 'identity'
  | 'debugMode'
>

/**
 * Says which option cannot be. Temporal would say so too, but only after it has begun threads, which nothing ends: a program
 * that catches the error would never end.
 * @throws WorkerError for an amount that is no whole number or too small, a rate that lets nothing through, an empty identity
 */
export function checkTemporalOptions(options: TemporalOptions): void {
  const refuse = (name: keyof TemporalOptions, what: string): never => {
    throw new WorkerError(`\`temporal.${name}\` cannot be ${JSON.stringify(options[name])}: it is ${what}.`)
  }
  const least = {
    maxConcurrentActivityTaskExecutions: 1,
    maxConcurrentLocalActivityExecutions: 1,
    // Where runs are kept, a worker fetches tasks from two queues: the deployment's and its own.
    maxConcurrentWorkflowTaskExecutions: options.maxCachedWorkflows === 0 ? 1 : 2,
    maxConcurrentActivityTaskPolls: 1,
    maxConcurrentWorkflowTaskPolls: 1,
    maxCachedWorkflows: 0,
  }
  for (const name of Object.keys(least) as (keyof typeof least)[]) {
    const value = options[name]
    if (value !== undefined && !(Number.isInteger(value) && value >= least[name]))
      refuse(name, `a whole number from ${least[name]} on`)
  }
  const rate = options.maxActivitiesPerSecond
  if (rate !== undefined && !(rate > 0 && Number.isFinite(rate)))
    refuse('maxActivitiesPerSecond', 'a number above 0')
  if (options.identity === '') refuse('identity', 'a name, or left away')
}
