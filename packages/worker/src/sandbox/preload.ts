/**
 * What is loaded once for a worker and shared by all runs, instead of anew for each: only what keeps no state. Most of what
 * it costs to begin a run is loading Zod.
 */
import '@tramontane/contract/workflow-payload'
import 'zod'
