import type { Readable } from 'node:stream'
import type { JudgeDefinition, JudgeOutput } from '@tramontane/contract/judges'

type Json = Readonly<Record<string, unknown>>

/** An event, as far as a record is made of it. */
export interface EventConversation {
  readonly id: string
  readonly correlationId: string
  readonly modelName: string
  readonly metadata: Json
  readonly requestMessages: readonly Json[]
  readonly responseMessages: readonly Json[]
  readonly enabledTools: readonly Json[]
}

/** What a campaign's judge said of an event; becomes the record's properties. */
export type CampaignAnswer = {
  readonly judge_id: string
  readonly judge_name: string
  readonly answer: string | number
  readonly analysis: string | null
}

/** What datasets need of other features, in their own terms. Ids that the workspace does not have are left out. */
export interface DatasetNeeds {
  /** Judges a conversation at once; its errors are those of judging. */
  readonly judgeConversation: (
    workspaceId: string,
    definition: JudgeDefinition,
    conversation: { messages: readonly Json[]; properties: Json; enabledTools: readonly Json[] },
    signal: AbortSignal,
  ) => Promise<JudgeOutput>
  readonly events: (workspaceId: string, ids: readonly string[]) => Promise<readonly EventConversation[]>
  /** The ids of a campaign's events, always in the same order; undefined if there is no such campaign. */
  readonly campaignEvents: (workspaceId: string, campaignId: string) => Promise<readonly string[] | undefined>
  /** What the campaign's judge said of these events, by event id. */
  readonly campaignAnswers: (
    workspaceId: string,
    campaignId: string,
    eventIds: readonly string[],
  ) => Promise<ReadonlyMap<string, CampaignAnswer>>
  /** The messages of conversations, by id. */
  readonly conversations: (
    workspaceId: string,
    ids: readonly string[],
  ) => Promise<ReadonlyMap<string, readonly object[]>>
  /** A file's bytes, for an import that a caller who may see the file has asked for. */
  readonly openFile: (
    workspaceId: string,
    fileId: string,
  ) => Promise<{ bytes: number; content: Readable } | undefined>
  /** Writes a file of the server's own that goes after `expiryHours`, and makes a link to it. */
  readonly publishFile: (
    file: {
      workspaceId: string
      ownerId: string
      filename: string
      mimetype: string
      expiryHours: number
      linkHours: number
    },
    content: AsyncIterable<Buffer>,
  ) => Promise<string>
}
