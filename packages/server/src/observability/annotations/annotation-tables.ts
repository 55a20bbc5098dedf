/** The annotation tables as they are read; writing goes through `annotation-store.ts` alone. */
export type AnnotationTables = {
  campaign_results: {
    workspace_id: string
    campaign_id: string
    event_id: string
    judge_id: string
    judge_revision: string
    judge_name: string
    output_type: 'CLASSIFICATION' | 'REGRESSION'
    label: string | null
    score: number | null
    analysis: string | null
    prompt: unknown[] | null
    input_tokens: number
    output_tokens: number
    duration_seconds: number
    error: string | null
    created_at: Date
  }
  annotations: {
    workspace_id: string
    judge_id: string
    event_id: string
    label: string | null
    score: number | null
    created_at: Date
  }
  judge_fields: {
    workspace_id: string
    judge_id: string
    judge_name: string
    output_type: 'CLASSIFICATION' | 'REGRESSION'
  }
}
