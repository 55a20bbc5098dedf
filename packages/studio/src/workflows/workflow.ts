import type { Output } from '../api/call.ts'

/** A workflow, with whether a worker runs it now. */
export type Workflow = Output<'getWorkflow'>['workflow']
