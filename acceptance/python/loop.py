"""The loop through the official Python client: traffic, judge, campaign, dataset, export; and conversations.

Called with the server's address and key; ends with 0 and prints the calls that passed, or fails at the first that did not.
"""

import json
import sys
import time
import urllib.request

from mistralai.client import Mistral

url, key = sys.argv[1:3]
MARK = "python client"
ANSWER = "This answer is scripted."
ANALYSIS = "This analysis is scripted."
passed = []


def step(name, call, /, **arguments):
    """Makes a call of the client and notes that it passed."""
    answer = call(**arguments)
    passed.append(name)
    return answer


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def finished(state):
    """Waits until a campaign or a task is no longer running."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        answer = state()
        if answer.status != "RUNNING":
            equal(answer.status, "COMPLETED")
            return answer
        time.sleep(0.05)
    raise AssertionError("still running")


def conversation(answer):
    return {"messages": [{"role": "user", "content": "Help me."}, {"role": "assistant", "content": answer}]}


def verdict(name):
    return {
        "name": name,
        "description": "Tells good answers from bad ones",
        "model_name": "scripted-model",
        "output": {
            "type": "CLASSIFICATION",
            "options": [{"value": "good", "description": "It helps"}, {"value": "bad", "description": "It does not"}],
        },
        "instructions": "Judge the answer to: {{ user_message }}",
        "tools": [],
    }


def traffic(client):
    for text in ["A question", "An unhelpful question"]:
        answer = step(
            "chat.complete",
            client.chat.complete,
            model="scripted-model",
            messages=[{"role": "user", "content": text}],
            metadata={"mark": MARK},
        )
        equal(answer.choices[0].message.content, ANSWER)
    stream = step(
        "chat.stream", client.chat.stream, model="scripted-model", messages=[{"role": "user", "content": "Streamed?"}]
    )
    equal("".join(event.data.choices[0].delta.content or "" for event in stream), ANSWER)
    equal(step("models.list", client.models.list).data[0].id, "scripted-model")
    embedded = step("embeddings.create", client.embeddings.create, model="scripted-model", inputs=["one"])
    equal(embedded.data[0].embedding, [3, 0, 0.5])


def explorer(client):
    events = client.beta.observability.chat_completion_events
    mine = {"filters": {"field": "metadata.mark", "op": "eq", "value": MARK}}
    page = step("events.search", events.search, search_params=mine, page_size=10).completion_events
    equal(
        [item.extra_fields["last_user_message_preview"] for item in page.results],
        ["An unhelpful question", "A question"],
    )
    ids = step("events.search_ids", events.search_ids, search_params=mine).completion_event_ids
    equal(ids, [item.event_id for item in page.results])
    event = step("events.fetch", events.fetch, event_id=ids[0])
    equal(event.request_messages[-1]["content"], "An unhelpful question")
    step("events.fetch_similar_events", events.fetch_similar_events, event_id=ids[0])
    names = [field.name for field in step("fields.list", events.fields.list).field_definitions]
    assert "model_name" in names and "metadata.mark" in names, names
    options = step("fields.fetch_options", events.fields.fetch_options, field_name="model_name", operator="eq")
    assert "scripted-model" in options.options
    counts = step(
        "fields.fetch_option_counts", events.fields.fetch_option_counts, field_name="model_name", filter_params=mine
    )
    equal([(item.value, item.count) for item in counts.counts], [("scripted-model", 2)])
    judged = step("events.judge", events.judge, event_id=ids[0], judge_definition=verdict("never saved"))
    equal((judged.analysis, judged.answer), (ANALYSIS, "bad"))
    return mine, ids


def judge(client):
    judges = client.beta.observability.judges
    made = step("judges.create", judges.create, **verdict(MARK))
    equal(made.output.options[1].value, "bad")
    equal(step("judges.list", judges.list, q=MARK).judges.count, 1)
    changed = {**verdict(MARK), "description": "Changed"}
    step("judges.update", judges.update, judge_id=made.id, **changed)
    equal(step("judges.fetch", judges.fetch, judge_id=made.id).description, "Changed")
    messages = conversation("Gladly.")["messages"]
    judged = step("judges.judge_conversation", judges.judge_conversation, judge_id=made.id, messages=messages)
    equal((judged.analysis, judged.answer), (ANALYSIS, "good"))
    return made.id


def campaign(client, judge_id, mine):
    campaigns = client.beta.observability.campaigns
    made = step(
        "campaigns.create",
        campaigns.create,
        name=MARK,
        description="Over the events of this test",
        judge_id=judge_id,
        search_params=mine,
        max_nb_events=10,
    )
    finished(lambda: step("campaigns.fetch_status", campaigns.fetch_status, campaign_id=made.id))
    equal(step("campaigns.list", campaigns.list, q=MARK).campaigns.count, 1)
    equal(step("campaigns.fetch", campaigns.fetch, campaign_id=made.id).judge.id, judge_id)
    field = "__judge_" + judge_id.replace("-", "")
    selected = step("campaigns.list_events", campaigns.list_events, campaign_id=made.id).completion_events
    equal([item.extra_fields[field] for item in selected.results], ["bad", "good"])
    return made.id


def datasets(client, event_ids, campaign_id, conversation_id):
    sets = client.beta.observability.datasets
    made = step("datasets.create", sets.create, name=MARK, description="Made")
    equal(step("datasets.list", sets.list, q=MARK).datasets.count, 1)
    equal(step("datasets.update", sets.update, dataset_id=made.id, description="Changed").description, "Changed")
    equal(step("datasets.fetch", sets.fetch, dataset_id=made.id).description, "Changed")
    payload = conversation("Gladly.")
    record = step(
        "datasets.create_record", sets.create_record, dataset_id=made.id, payload=payload, properties={"a": 1}
    )
    other = sets.create_record(dataset_id=made.id, payload=payload)
    line = json.dumps(conversation("From a file.")).encode()
    file = step("files.upload", client.files.upload, file={"file_name": "import.jsonl", "content": line})
    imports = [
        ("import_from_explorer", {"completion_event_ids": event_ids}),
        ("import_from_campaign", {"campaign_id": campaign_id}),
        ("import_from_file", {"file_id": file.id}),
        ("import_from_playground", {"conversation_ids": [conversation_id]}),
        ("import_from_dataset_records", {"dataset_record_ids": [record.id]}),
    ]
    for name, arguments in imports:
        task = step(f"datasets.{name}", getattr(sets, name), dataset_id=made.id, **arguments)
        done = finished(lambda: step("datasets.fetch_task", sets.fetch_task, dataset_id=made.id, task_id=task.id))
        equal(done.progress, 100)
    equal(step("datasets.list_tasks", sets.list_tasks, dataset_id=made.id).tasks.count, len(imports))
    records = step("datasets.list_records", sets.list_records, dataset_id=made.id, page_size=100).records
    equal(records.count, 2 + 2 + 2 + 1 + 1 + 1)
    equal(
        {item.source for item in records.results}, {"DIRECT_INPUT", "EXPLORER", "UPLOADED_FILE", "PLAYGROUND"}
    )
    exported = step("datasets.export_to_jsonl", sets.export_to_jsonl, dataset_id=made.id)
    with urllib.request.urlopen(exported.file_url) as answer:
        equal(len(answer.read().decode().strip().split("\n")), records.count)

    one = {"dataset_record_id": record.id}
    step("records.update_payload", sets.records.update_payload, **one, payload=conversation("unhelpful"))
    step("records.update_properties", sets.records.update_properties, **one, properties={"b": 2})
    changed = step("records.fetch", sets.records.fetch, **one)
    equal(changed.properties, {"b": 2})
    definition = {**verdict("never saved"), "instructions": "Judge: {{ assistant_message }}"}
    equal(step("records.judge", sets.records.judge, **one, judge_definition=definition).answer, "bad")
    step("records.delete", sets.records.delete, **one)
    step("records.bulk_delete", sets.records.bulk_delete, dataset_record_ids=[other.id])
    step("datasets.delete", sets.delete, dataset_id=made.id)


def files(client):
    made = client.files.upload(file={"file_name": "python.txt", "content": b"hello"})
    equal([item.id for item in step("files.list", client.files.list, search="python.txt").data], [made.id])
    equal(step("files.retrieve", client.files.retrieve, file_id=made.id).filename, "python.txt")
    equal(step("files.download", client.files.download, file_id=made.id).read(), b"hello")
    signed = step("files.get_signed_url", client.files.get_signed_url, file_id=made.id)
    with urllib.request.urlopen(signed.url) as answer:
        equal(answer.read(), b"hello")
    assert step("files.delete", client.files.delete, file_id=made.id).deleted


def conversations(client):
    talks = client.beta.conversations
    started = step("conversations.start", talks.start, model="scripted-model", inputs="Hello?", metadata={"m": MARK})
    equal(started.outputs[0].content, ANSWER)
    one = {"conversation_id": started.conversation_id}
    step("conversations.append", talks.append, **one, inputs=[{"role": "user", "content": "And?"}])
    stream = step("conversations.append_stream", talks.append_stream, **one, inputs="More?")
    equal([event.event for event in stream][-1], "conversation.response.done")
    history = step("conversations.get_history", talks.get_history, **one)
    equal(len(history.entries), 6)
    equal(len(step("conversations.get_messages", talks.get_messages, **one).messages), 6)
    equal(step("conversations.get", talks.get, **one).model, "scripted-model")
    assert started.conversation_id in [item.id for item in step("conversations.list", talks.list)]
    again = step("conversations.restart", talks.restart, **one, from_entry_id=history.entries[1].id, inputs="Or?")
    equal(len(talks.get_history(conversation_id=again.conversation_id).entries), 4)
    step("conversations.delete", talks.delete, conversation_id=again.conversation_id)
    return started.conversation_id


with Mistral(api_key=key, server_url=url) as mistral:
    traffic(mistral)
    filters, selected_ids = explorer(mistral)
    judge_identity = judge(mistral)
    campaign_identity = campaign(mistral, judge_identity, filters)
    datasets(mistral, selected_ids, campaign_identity, conversations(mistral))
    files(mistral)
    step("campaigns.delete", mistral.beta.observability.campaigns.delete, campaign_id=campaign_identity)
    step("judges.delete", mistral.beta.observability.judges.delete, judge_id=judge_identity)

print(json.dumps(sorted(set(passed))))
