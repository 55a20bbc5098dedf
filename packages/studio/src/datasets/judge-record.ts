import { call, type Output } from '../api/call.ts'
import type { Judge } from '../choices/named-things.ts'

export type Verdict = Output<'judgeDatasetRecord'>

/** What is sent of a saved judge: its definition, and nothing that only the server knows. */
export function definitionOf(judge: Judge) {
  const { name, description, model_name, output, instructions, tools } = judge
  return { name, description, model_name, output, instructions, tools }
}

/** Has a saved judge judge a record, now. @throws ApiError */
export function judgeRecord(recordId: string, judge: Judge, signal?: AbortSignal): Promise<Verdict> {
  return call(
    'judgeDatasetRecord',
    { params: { dataset_record_id: recordId }, body: { judge_definition: definitionOf(judge) } },
    signal ? { signal } : {},
  )
}

/** An answer as it is shown: a number with its range, or a label. */
export function answerText(answer: string | number, judge: Judge): string {
  const { output } = judge
  return output.type === 'REGRESSION' ? `${answer} (${output.min} to ${output.max})` : String(answer)
}
