import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { call } from '../api/call.ts'
import { queryClient } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import { sessionQuery } from './session.ts'

/** Logs in with the link's token, which is in the fragment, or with a key that is pasted. */
export function LoginPage() {
  const navigate = useNavigate()
  const { to } = useSearch({ from: '/login' })
  const [key, setKey] = useState('')
  const [error, setError] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const isUsed = useRef(false)

  const begin = async (body: { token: string } | { key: string }) => {
    setBusy(true)
    setError(undefined)
    try {
      const session = await call('createSession', { body })
      queryClient.clear()
      queryClient.setQueryData(sessionQuery.queryKey, session)
      // Only an address of this page: the path is what follows the host, whatever `to` says.
      const target = new URL(to ?? '/', location.origin)
      await navigate({ href: target.pathname + target.search, replace: true })
    } catch (cause) {
      setError((cause as Error).message)
    } finally {
      setBusy(false)
    }
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: the token of the address is used once
  useEffect(() => {
    document.title = 'Log in · Tramontane'
    const token = location.hash.slice(1)
    if (!token || isUsed.current) return
    isUsed.current = true
    history.replaceState(null, '', location.pathname + location.search)
    begin({ token })
  }, [])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    begin({ key: key.trim() })
  }

  return (
    <main className="mx-auto flex min-h-full max-w-md flex-col justify-center gap-5 p-6">
      <h1 className="text-2xl font-semibold">Tramontane</h1>
      <p className="text-muted">
        The start of the server prints a link that logs in;{' '}
        <code className="font-mono">tramontane studio</code> prints another one. A key of the role read,
        member or admin works as well.
      </p>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Key" error={error}>
          <Input
            type="password"
            autoComplete="current-password"
            placeholder="tmt_…"
            value={key}
            onChange={(event) => setKey(event.target.value)}
            required
          />
        </Field>
        <Button type="submit" variant="primary" disabled={isBusy}>
          {isBusy ? 'Logging in…' : 'Log in'}
        </Button>
      </form>
    </main>
  )
}
