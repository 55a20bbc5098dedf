"""Workflows in the patterns that the official SDK documents, run by the SDK as it is.

Reads SERVER_URL, MISTRAL_API_KEY and DEPLOYMENT_NAME, as every worker does.
"""

import asyncio
from datetime import timedelta

import mistralai.workflows as workflows
from mistralai.workflows import InteractiveWorkflow, task, workflow
from pydantic import BaseModel


class Name(BaseModel):
    name: str


class Approval(BaseModel):
    approved: bool


class Countdown(BaseModel):
    left: int
    passed: int = 0


@workflows.activity()
async def greet(name: str) -> str:
    return f"Hello, {name}!"


@workflows.activity(retry_policy_max_attempts=3, retry_policy_backoff_coefficient=1.0)
async def third_time_lucky(name: str) -> str:
    import temporalio.activity

    attempt = temporalio.activity.info().attempt
    if attempt < 3:
        raise RuntimeError(f"attempt {attempt} fails")
    return f"{name} after {attempt} attempts"


@workflows.activity()
async def stream_words(name: str) -> str:
    async with task("words", state={"text": ""}) as words:
        for word in ["Hello", ", ", name]:
            await words.set_state({"text": words.state["text"] + word})
    return words.state["text"]


@workflow.define(name="python-hello", workflow_display_name="Hello from Python")
class Hello:
    @workflow.entrypoint
    async def run(self, params: Name) -> str:
        return await greet(params.name)


@workflow.define(name="python-retries")
class Retries:
    @workflow.entrypoint
    async def run(self, params: Name) -> str:
        return await third_time_lucky(params.name)


@workflow.define(name="python-parent")
class Parent:
    @workflow.entrypoint
    async def run(self, params: Name) -> dict:
        first, second = await asyncio.gather(
            workflow.execute_workflow(Hello, Name(name=params.name)),
            workflow.execute_workflow(Hello, Name(name=params.name.upper())),
        )
        return {"greetings": [first, second]}


@workflow.define(name="python-counter")
class Counter:
    def __init__(self) -> None:
        self.total = 0
        self.is_done = False

    @workflow.signal(name="add")
    async def add(self, amount: int) -> None:
        self.total += amount

    @workflow.query(name="total")
    def read(self) -> int:
        return self.total

    @workflow.update(name="finish")
    async def finish(self, bonus: int) -> int:
        self.total += bonus
        self.is_done = True
        return self.total

    @workflow.entrypoint
    async def run(self) -> int:
        await workflow.wait_condition(lambda: self.is_done)
        return self.total


@workflow.define(name="python-countdown")
class CountsDown:
    @workflow.entrypoint
    async def run(self, params: Countdown) -> int:
        if params.left > 0:
            workflow.continue_as_new(Countdown(left=params.left - 1, passed=params.passed + 1))
        return params.passed


@workflow.define(name="python-streaming")
class Streams:
    @workflow.entrypoint
    async def run(self, params: Name) -> str:
        return await stream_words(params.name)


@workflow.define(name="python-approval")
class Approves(InteractiveWorkflow):
    @workflow.entrypoint
    async def run(self, params: Name) -> str:
        answer = await self.wait_for_input(Approval, label=f"May {params.name} go on?")
        return "approved" if answer.approved else "denied"


@workflow.define(name="python-failure")
class Fails:
    @workflow.entrypoint
    async def run(self) -> str:
        raise workflows.WorkflowError("it fails on purpose")


@workflow.define(name="python-sleeper", execution_timeout=timedelta(seconds=3))
class Sleeps:
    @workflow.entrypoint
    async def run(self) -> str:
        await workflow.sleep(3600)
        return "never"


if __name__ == "__main__":
    asyncio.run(
        workflows.run_worker(
            [Hello, Retries, Parent, Counter, CountsDown, Streams, Approves, Fails, Sleeps]
        )
    )
