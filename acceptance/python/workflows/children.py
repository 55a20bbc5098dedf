"""Workflows that workflows in TypeScript start as their children, and one that starts one in TypeScript."""

import asyncio

import mistralai.workflows as workflows
import temporalio.workflow
from mistralai.workflows import workflow
from pydantic import BaseModel


class Text(BaseModel):
    text: str


class Summary(BaseModel):
    summary: str
    length: int


@workflows.activity()
async def shorten(text: str) -> str:
    return text[:5]


@workflow.define(name="python-summarise")
class Summarise:
    @workflow.entrypoint
    async def run(self, params: Text) -> Summary:
        return Summary(summary=await shorten(params.text), length=len(params.text))


@workflow.define(name="python-shout")
class Shout:
    @workflow.entrypoint
    async def run(self, text: str) -> str:
        return text.upper()


@workflow.define(name="python-parent")
class Parent:
    @workflow.entrypoint
    async def run(self, params: Text) -> str:
        # The SDK starts children of its own deployment only; underneath, the deployment is the task queue.
        answer = await temporalio.workflow.execute_child_workflow(
            "hello", {"name": params.text}, task_queue="scenario"
        )
        return getattr(answer, "payload", answer)["result"]


if __name__ == "__main__":
    asyncio.run(workflows.run_worker([Summarise, Shout, Parent]))
