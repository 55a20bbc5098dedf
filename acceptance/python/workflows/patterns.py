"""Runs each workflow of worker.py through the official Python client and asserts what comes of it.

Called with the server's URL and a key; prints the names of the patterns that passed, as JSON.
"""

import json
import sys
import time
from typing import Any, Callable

from mistralai.client import Mistral

url, key = sys.argv[1:]
client = Mistral(server_url=url, api_key=key)
api = client.workflows
passed: list[str] = []

PATIENCE_SECONDS = 60


def eventually(what: str, probe: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    last: Any = None
    while time.monotonic() < deadline:
        try:
            last = probe()
            if last:
                return last
        except Exception as error:
            last = error
        time.sleep(0.1)
    raise AssertionError(f"{what}: still {last!r}")


def start(name: str, payload: dict | None = None, **options: Any) -> str:
    return api.execute_workflow(workflow_identifier=name, input=payload or {}, **options).execution_id


def ended(execution_id: str) -> Any:
    def look() -> Any:
        execution = api.executions.get_workflow_execution(execution_id=execution_id)
        return execution if execution.status != "RUNNING" else None

    return eventually(f"the end of {execution_id}", look)


def equal(actual: Any, expected: Any) -> None:
    assert actual == expected, f"{actual!r} is not {expected!r}"


def events_of(execution_id: str) -> list[Any]:
    return api.events.get_workflow_events(workflow_exec_id=execution_id, limit=1000).events


def types_of(execution_id: str) -> list[str]:
    return [event.event_type for event in events_of(execution_id)]


def hello() -> None:
    answer = api.execute_workflow(
        workflow_identifier="python-hello", input={"name": "Ada"}, wait_for_result=True, timeout_seconds=60
    )
    equal(answer.result, {"result": "Hello, Ada!"})
    equal(api.get_workflow(workflow_identifier="python-hello").workflow.display_name, "Hello from Python")


def retries() -> None:
    execution_id = start("python-retries", {"name": "Grace"})
    equal(ended(execution_id).result, {"result": "Grace after 3 attempts"})
    equal(types_of(execution_id).count("ACTIVITY_TASK_RETRYING"), 2)


def children() -> None:
    execution_id = start("python-parent", {"name": "ada"})
    equal(ended(execution_id).result, {"result": {"greetings": ["Hello, ada!", "Hello, ADA!"]}})
    tree = api.events.get_workflow_events(root_workflow_exec_id=execution_id, limit=1000).events
    equal(len({event.workflow_exec_id for event in tree}), 3)


def handlers() -> None:
    execution_id = start("python-counter")
    for amount in (3, 4):
        api.executions.signal_workflow_execution(
            execution_id=execution_id, name="add", input={"amount": amount}
        )

    def total() -> Any:
        return api.executions.query_workflow_execution(execution_id=execution_id, name="total").result

    eventually("both signals", lambda: total() == 7)
    answer = api.executions.update_workflow_execution(
        execution_id=execution_id, name="finish", input={"bonus": 5}
    )
    equal(answer.result, 12)
    equal(ended(execution_id).result, {"result": 12})


def continues() -> None:
    execution_id = start("python-countdown", {"left": 3})
    equal(ended(execution_id).result, {"result": 3})
    wanted = ["COMPLETED"] + ["CONTINUED_AS_NEW"] * 3

    def statuses() -> list[str]:
        runs = runs_of("python-countdown")
        return sorted(run.status for run in runs if run.execution_id == execution_id)

    # A list may be behind the execution for a moment.
    eventually("every run to be listed as it ended", lambda: statuses() == wanted)


def runs_of(name: str) -> list[Any]:
    return api.runs.list_runs(workflow_identifier=name, page_size=100).result.executions


def streams() -> None:
    execution_id = start("python-streaming", {"name": "Ada"})
    seen: list[int] = []
    with api.events.get_stream_events(workflow_exec_id=execution_id, start_seq=0) as stream:
        for frame in stream:
            seen.append(frame.data.broker_sequence)
            if frame.data.data.event_type == "WORKFLOW_EXECUTION_COMPLETED":
                break
    equal(seen, sorted(set(seen)))
    kinds = types_of(execution_id)
    equal(kinds.count("CUSTOM_TASK_STARTED"), 1)
    equal(kinds.count("CUSTOM_TASK_IN_PROGRESS"), 3)
    equal(kinds.count("CUSTOM_TASK_COMPLETED"), 1)
    equal(ended(execution_id).result, {"result": "Hello, Ada"})


def approval() -> None:
    execution_id = start("python-approval", {"name": "Ada"})

    def pending() -> Any:
        answer = api.executions.query_workflow_execution(
            execution_id=execution_id, name="__get_pending_inputs"
        )
        return answer.result["pending_inputs"]

    [waiting] = eventually("the question", pending)
    equal(waiting["label"], "May Ada go on?")
    api.executions.update_workflow_execution(
        execution_id=execution_id,
        name="__submit_input",
        input={"task_id": waiting["task_id"], "input": {"approved": True}},
    )
    equal(ended(execution_id).result, {"result": "approved"})


def schedule() -> None:
    made = api.schedules.schedule_workflow(
        schedule={"input": {"name": "every second"}, "intervals": [{"every": "PT1S"}]},
        workflow_identifier="python-hello",
    )

    def started() -> Any:
        return [run for run in runs_of("python-hello") if made.schedule_id in run.execution_id]

    eventually("a scheduled run", lambda: any(run.status == "COMPLETED" for run in started()))
    api.schedules.unschedule_workflow(schedule_id=made.schedule_id)


def failure() -> None:
    execution_id = start("python-failure")
    equal(ended(execution_id).status, "FAILED")
    equal(types_of(execution_id)[-1] in ("WORKFLOW_EXECUTION_FAILED", "ACTIVITY_TASK_COMPLETED"), True)


def timeout() -> None:
    equal(ended(start("python-sleeper")).status, "TIMED_OUT")


def endings() -> None:
    canceled, terminated = start("python-counter"), start("python-counter")
    api.executions.cancel_workflow_execution(execution_id=canceled)
    api.executions.terminate_workflow_execution(execution_id=terminated)
    equal(ended(canceled).status, "CANCELED")
    equal(ended(terminated).status, "TERMINATED")


def trace() -> None:
    execution_id = start("python-hello", {"name": "Ada"})
    ended(execution_id)
    eventually(
        "its spans",
        lambda: api.executions.get_workflow_execution_trace_info(execution_id=execution_id).has_trace_data,
    )
    tree = api.executions.get_workflow_execution_trace_summary(execution_id=execution_id).span_tree
    assert tree is not None


eventually(
    "the worker's workflows",
    lambda: api.get_workflow(workflow_identifier="python-sleeper").workflow.active,
)
for pattern in [
    hello, retries, children, handlers, continues, streams, approval, schedule, failure, timeout, endings, trace,
]:
    pattern()
    passed.append(pattern.__name__)
print(json.dumps(passed))
