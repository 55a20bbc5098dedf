import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call, type Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Card } from '../components/page.tsx'
import { Empty, Failure, Loaded } from '../components/states.tsx'
import { duration } from '../formats/durations.ts'
import { counted } from '../formats/numbers.ts'

type Provider = Output<'listProviders'>['providers'][number]
type Test = Output<'testProvider'>

/** Where calls of models go, and whether they would arrive. */
export function ProvidersTab() {
  const providers = useQuery(query('listProviders'))
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-base font-semibold">Model providers</h2>
      <p className="max-w-prose text-muted">
        The first whose pattern fits a model’s name answers for it. They are set where the server is started,
        by <code className="font-mono text-xs">TRAMONTANE_PROVIDER_URL</code> and{' '}
        <code className="font-mono text-xs">TRAMONTANE_PROVIDERS_FILE</code>; keys of providers are never
        shown.
      </p>
      <Loaded result={providers}>
        {({ providers: all }) =>
          all.length === 0 ? (
            <Empty title="There is no model provider">
              <p>
                Calls through the gateway, judges and conversations are answered with an error. Set
                TRAMONTANE_PROVIDER_URL and TRAMONTANE_PROVIDER_API_KEY, and start the server again.
              </p>
            </Empty>
          ) : (
            all.map((provider) => (
              <ProviderCard key={`${provider.name} ${provider.models}`} provider={provider} />
            ))
          )
        }
      </Loaded>
    </section>
  )
}

function ProviderCard({ provider }: { provider: Provider }) {
  const test = useMutation({
    mutationFn: () => call('testProvider', { params: { provider_name: provider.name } }),
  })
  return (
    <Card
      title={provider.name}
      actions={
        <Button
          size="small"
          aria-label={`Test ${provider.name}`}
          disabled={test.isPending}
          onClick={() => test.mutate()}
        >
          {test.isPending ? 'Asking…' : 'Test'}
        </Button>
      }
    >
      <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-4 gap-y-1">
        <Term name="Models">
          <code className="font-mono text-xs break-all">{provider.models}</code>
        </Term>
        <Term name="Address">
          <code className="font-mono text-xs break-all">{provider.url}</code>
        </Term>
        <Term name="Key">{provider.has_key ? 'set, not shown' : 'none'}</Term>
        <Term name="Patience">{duration(provider.timeout_seconds * 1000)} until it answers</Term>
        <Term name="At a time">
          {counted(provider.concurrency, 'call')} of judges and conversations at most
        </Term>
      </dl>
      <div role="status" className="mt-3 empty:hidden">
        {test.data && <Result test={test.data} />}
      </div>
      {test.error && <Failure error={test.error} />}
    </Card>
  )
}

function Term({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

function Result({ test }: { test: Test }) {
  const tone = test.result === 'ok' ? 'good' : test.result === 'no_models' ? 'warn' : 'bad'
  return (
    <div className="rounded-md border border-line p-3">
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone={tone}>{test.result === 'ok' ? 'answers' : test.result.replace('_', ' ')}</Badge>
        <span className="text-muted tabular-nums">
          {duration(test.latency_ms)}
          {test.status !== null && ` · status ${test.status}`}
          {test.result === 'ok' && ` · ${counted(test.nb_models, 'model')}`}
        </span>
      </p>
      <p className="mt-1.5 break-words">{test.message}</p>
      {test.models.length > 0 && (
        <p
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="mt-1.5 max-h-32 overflow-y-auto font-mono text-xs break-words text-muted"
        >
          {test.models.join(', ')}
          {test.nb_models > test.models.length && ', …'}
        </p>
      )}
    </div>
  )
}
