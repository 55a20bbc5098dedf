/** A row of the table of error codes. */
interface ErrorDefinition {
  /** HTTP status that the code is answered with. */
  readonly status: number
  /** When it is answered, in one sentence; `docs/errors.md` carries the same codes with the way out. */
  readonly when: string
}

/**
 * Every error code of the API. The names come from `ObservabilityErrorCode` of the official OpenAPI description;
 * those below the line are additions of this project.
 */
export const errorCodes = {
  VALIDATION_ERROR: {
    status: 422,
    when: 'The request does not fit the schema; the message names the field and the limit.',
  },
  AUTH_UNAUTHORIZED: { status: 401, when: 'No key, or one that is unknown or revoked.' },
  AUTH_FORBIDDEN: { status: 403, when: "The key's role does not allow this operation." },
  FEATURE_NOT_SUPPORTED: { status: 400, when: 'The vendor offers this; a self-hosted server does not.' },
  FIELDS_BAD_REQUEST: { status: 400, when: 'The field does not support what was asked of it.' },
  FIELDS_NOT_FOUND: { status: 400, when: 'A filter, or a path, names a field that does not exist.' },
  SEARCH_BAD_REQUEST: {
    status: 400,
    when: 'A filter is malformed: a value of the wrong type, a bad regular expression or cursor.',
  },
  SEARCH_NOT_FOUND: { status: 404, when: 'No event has this id in the workspace.' },
  DATABASE_TIMEOUT: { status: 408, when: 'The query took longer than its time limit.' },
  DATABASE_UNAVAILABLE: { status: 503, when: 'The database does not answer.' },
  JUDGE_CONVERSATION_FORMAT_ERROR: {
    status: 400,
    when: 'The conversation cannot be judged: it has no answer, or its messages are malformed.',
  },
  JUDGE_MISTRAL_API_ERROR: {
    status: 400,
    when: "The judge's model refused or failed, or its answers did not fit the definition.",
  },
  JUDGE_MISTRAL_API_TIMEOUT: { status: 408, when: "The judge's model did not answer in time." },
  JUDGE_NAME_ALREADY_EXISTS: { status: 409, when: 'Another judge of the workspace has this name.' },
  JUDGE_NOT_FOUND: { status: 404, when: 'No judge has this id in the workspace.' },
  JUDGE_ALREADY_HAS_NEW_VERSION: { status: 409, when: 'An old revision cannot be changed or deleted.' },
  JUDGE_DID_NOT_CHANGE: { status: 409, when: 'The update would change nothing.' },
  CAMPAIGN_NOT_FOUND: { status: 404, when: 'No campaign has this id in the workspace.' },
  CAMPAIGN_NO_MATCHING_EVENTS: { status: 400, when: 'The filter matches no event, so no campaign was made.' },
  DATASET_NOT_FOUND: { status: 404, when: 'No dataset has this id in the workspace.' },
  DATASET_TASK_NOT_FOUND: { status: 404, when: 'The dataset has no task with this id.' },
  DATASET_RECORD_NOT_FOUND: { status: 404, when: 'No dataset record has this id in the workspace.' },
  DATASET_RECORD_FORMAT_ERROR: {
    status: 400,
    when: 'A record is not a conversation: `messages` is missing or malformed.',
  },
  TEMPLATE_SYNTAX_ERROR: {
    status: 400,
    when: "The judge's instructions are not a valid template, or exceed its limits when rendered.",
  },
  UNKNOWN_ERROR: { status: 500, when: 'A fault of the server; the request id leads to the log line.' },
  // Additions of this project
  NOT_FOUND: { status: 404, when: 'No such route, or no such resource.' },
  CAMPAIGN_RUNNING: {
    status: 409,
    when: 'The campaign runs; what failed in it can be tried again when it has ended.',
  },
  CAMPAIGN_NOTHING_TO_RETRY: {
    status: 409,
    when: 'No event of the campaign has failed, or none for this reason.',
  },
  FILE_NOT_FOUND: {
    status: 404,
    when: 'No file has this id in the workspace, or the signed link is wrong or has expired.',
  },
  CONVERSATION_NOT_FOUND: { status: 404, when: 'No conversation has this id in the workspace.' },
  CONVERSATION_ENTRY_NOT_FOUND: { status: 404, when: 'The conversation has no entry with this id.' },
  CONVERSATION_BUSY: {
    status: 409,
    when: 'Another call is adding to this conversation; when it has been answered, this one can be made again.',
  },
  PROVIDER_NOT_FOUND: { status: 404, when: 'No model provider of this name is configured.' },
  VIEW_NOT_FOUND: { status: 404, when: 'No saved view has this id in the workspace.' },
  VIEW_ALREADY_EXISTS: { status: 409, when: 'Another saved view of this kind has this name.' },
  TOO_MANY_VIEWS: { status: 409, when: 'The workspace has as many saved views of this kind as it can have.' },
  LOGIN_LINK_INVALID: { status: 401, when: 'The login link was used before, has expired, or never was one.' },
  KEY_NOT_FOUND: { status: 404, when: 'No key has this id.' },
  WORKSPACE_NOT_FOUND: { status: 404, when: 'No workspace has this id or name.' },
  WORKSPACE_ALREADY_EXISTS: { status: 409, when: 'Another workspace has this name.' },
  TELEMETRY_BAD_REQUEST: {
    status: 400,
    when: 'The body of a telemetry export cannot be decoded.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, when: 'The body is larger than the operation takes.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    when: 'The body has a content type that the operation does not read.',
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    when: 'The server has as much to store as it can hold; Retry-After says when to come again.',
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    when: 'The server is stopping or overloaded; Retry-After says when to come again.',
  },
  PROVIDER_NOT_CONFIGURED: {
    status: 503,
    when: 'No model provider is configured for this model; the message names the setting.',
  },
  PROVIDER_UNREACHABLE: {
    status: 502,
    when: 'The model provider could not be reached, or broke off before it answered.',
  },
  PROVIDER_REFUSED: {
    status: 400,
    when: 'The model provider refused the request: an unknown model, or something in it that the model does not take.',
  },
  PROVIDER_RATE_LIMITED: {
    status: 429,
    when: 'The model provider takes no more calls for now; Retry-After repeats what it said.',
  },
  PROVIDER_ERROR: {
    status: 502,
    when: "The model provider failed, or refused the server's key for it.",
  },
  PROVIDER_TIMEOUT: { status: 504, when: 'The model provider did not answer in time.' },
  // Workflows. The names are those of the official service, which numbers them.
  WF_1001: {
    status: 422,
    when: 'An execution cannot be reset to this event; `valid_reset_events` lists those to which it can.',
  },
  WF_1100: { status: 404, when: 'No execution or run has this id in the workspace.' },
  WF_1101: { status: 409, when: 'An execution with this id is running.' },
  WF_1102: { status: 409, when: 'The execution has ended; `status` says how.' },
  WF_1103: { status: 504, when: 'Temporal, or the worker that should answer, did not answer in time.' },
  WF_1200: { status: 422, when: 'The schedule cannot be made or changed as asked.' },
  WF_1201: { status: 404, when: 'No schedule has this id in the workspace.' },
  WF_1202: { status: 409, when: 'Another schedule of the workspace has this id.' },
  WF_1400: {
    status: 503,
    when: 'The stream was cut off: its reader was too slow, or events cannot be read; it can be resumed.',
  },
  WORKFLOW_NOT_FOUND: { status: 404, when: 'No workflow has this name or id in the workspace.' },
  WORKFLOW_REGISTRATION_NOT_FOUND: { status: 404, when: 'No registration has this id in the workspace.' },
  DEPLOYMENT_NOT_FOUND: { status: 404, when: 'No deployment has this name in the workspace.' },
  WORKFLOW_HANDLER_NOT_FOUND: {
    status: 422,
    when: 'The workflow declares no signal, query or update of this name; the message lists those that it has.',
  },
  WORKFLOW_INPUT_INVALID: {
    status: 422,
    when: 'The input does not fit the schema that the workflow declares; the message names the place.',
  },
  WORKFLOW_HANDLER_FAILED: {
    status: 422,
    when: 'The query or update was refused or failed in the worker; the message is what the worker said.',
  },
  WORKFLOW_FAILED: {
    status: 422,
    when: 'An execution whose result was waited for has ended without one; `status` says how.',
  },
  DEPLOYMENT_AMBIGUOUS: {
    status: 422,
    when: 'Several deployments run this workflow, or none does: name one with `deployment_name`.',
  },
  WORKER_NOT_REGISTERED: {
    status: 409,
    when: 'A heartbeat names registrations that the deployment does not have; workers then register again by themselves.',
  },
  WORKER_UNAVAILABLE: {
    status: 503,
    when: 'No worker of the deployment answers; start one, or wait until it is back.',
  },
  TEMPORAL_UNAVAILABLE: {
    status: 503,
    when: 'The workflow engine is not there (yet); the message says what is missing and how to get it.',
  },
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof errorCodes
