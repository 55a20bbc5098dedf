import type { Role } from '@tramontane/contract/identity'
import type { Access } from '@tramontane/contract/operation'
import type { FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'
import { type SessionCookie, sessionToken } from './session-cookie.ts'

/** Who calls: what is known from the key. Every query is bound to `workspaceId`. */
export interface Caller {
  readonly workspaceId: string
  readonly keyId: string
  readonly role: Role
}

/** Finds the caller of a key, or of a session's token; undefined if it is unknown, revoked or over. */
export type FindCaller = (secret: string) => Promise<Caller | undefined>

/** Who is taken for whom. */
export interface Callers {
  readonly ofKey: FindCaller
  readonly ofSession: FindCaller
  readonly cookie: SessionCookie
}

const ALLOWED: Readonly<Record<Role, ReadonlySet<Access>>> = {
  admin: new Set<Access>(['read', 'write', 'ingest', 'telemetry', 'work', 'administer']),
  member: new Set<Access>(['read', 'write', 'ingest', 'telemetry', 'work']),
  read: new Set<Access>(['read']),
  ingest: new Set<Access>(['ingest', 'telemetry']),
  // The official SDK's activities ask models through the gateway, with the key that the worker has.
  worker: new Set<Access>(['ingest', 'telemetry', 'work']),
}

/** Whether a role may do what an operation needs. */
export function allows(role: Role, access: Access): boolean {
  return access === 'public' || ALLOWED[role].has(access)
}

/**
 * The caller of a request, from its `Authorization: Bearer` header or, without one, from its session.
 * @throws ApiError AUTH_UNAUTHORIZED without a valid key or session, AUTH_FORBIDDEN if the key's role does not suffice.
 */
export async function authenticate(
  request: FastifyRequest,
  access: Access,
  callers: Callers,
): Promise<Caller> {
  const caller = await findCallerOf(request, callers)
  if (!allows(caller.role, access)) {
    throw new ApiError(
      'AUTH_FORBIDDEN',
      `A key with the role \`${caller.role}\` may not do this; it needs the right to \`${access}\`.`,
    )
  }
  return caller
}

async function findCallerOf(request: FastifyRequest, { ofKey, ofSession, cookie }: Callers): Promise<Caller> {
  const token = request.headers.authorization === undefined ? sessionToken(request, cookie) : undefined
  if (token !== undefined) {
    const caller = await ofSession(token)
    if (!caller) throw new ApiError('AUTH_UNAUTHORIZED', 'This session is over; log in again.')
    return caller
  }
  const key = /^Bearer +([^\s]{1,500})$/i.exec(request.headers.authorization ?? '')?.[1]
  if (!key) throw new ApiError('AUTH_UNAUTHORIZED', 'Send a key in the header `Authorization: Bearer <key>`.')
  const caller = await ofKey(key)
  if (!caller) throw new ApiError('AUTH_UNAUTHORIZED', 'This key is unknown or has been revoked.')
  return caller
}
