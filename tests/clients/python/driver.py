"""The official Python SDK behind JSON lines: a command a line on stdin, answers and events a line on stdout.

    {"id": 1, "do": "rest", "call": "agents.get", "with": {"agent_id": "…"}}
    {"id": 1, "ok": …}        or        {"id": 1, "error": {…}}
    {"event": "agent_response", "session": "a", "text": "…"}

It ends with its stdin.
"""

import asyncio
import inspect
import json
import logging
import sys
import threading
import time
from importlib.metadata import version

from elevenlabs.client import ElevenLabs
from elevenlabs.conversational_ai import conversation as sdk

logging.disable(logging.CRITICAL)  # what goes wrong is told as an answer or as an event

writing = threading.Lock()


def tell(line):
    with writing:
        sys.stdout.write(json.dumps(line, default=str) + "\n")
        sys.stdout.flush()


# Before there was a text mode a session was not without.
NEEDS_AUDIO = inspect.signature(sdk.Conversation).parameters["audio_interface"].default is inspect.Parameter.empty


class Silence(sdk.AudioInterface):
    """A microphone in a silent room that records a quarter of a second at once, and a speaker that must stay silent."""

    def __init__(self, session):
        self.session = session

    def start(self, input_callback):
        input_callback(bytes(8000))

    def stop(self):
        tell({"event": "audio_stopped", "session": self.session})

    def output(self, audio):
        tell({"event": "audio", "session": self.session, "bytes": len(audio)})

    def interrupt(self):
        tell({"event": "interrupted", "session": self.session})


def plain(value):
    """What the SDK made of an answer, as JSON: only what it has parsed."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if hasattr(value, "dict"):
        return value.dict()
    return value


def complaints(value, body):
    """The SDK takes answers unchecked; this checks one against the types it declares, and names what does not fit."""
    model = type(value)
    if not hasattr(model, "model_validate"):
        return []
    try:
        model.model_validate(body)
        return []
    except Exception as problem:
        return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problem.errors()]


class Driver:
    def __init__(self, url, key):
        self.url = url
        self.client = ElevenLabs(base_url=url, api_key=key, timeout=20)
        self.sessions = {}

    def rest(self, call, keys=None, **arguments):
        """`conversational_ai.<call>(**arguments)`; `keys` replaces the key."""
        client = self.client if keys is None else ElevenLabs(base_url=self.url, api_key=keys, timeout=20)
        *path, name = call.split(".")
        part = client.conversational_ai
        for step in path:
            part = getattr(part, step)
        if hasattr(part, "with_raw_response"):
            answer = getattr(part.with_raw_response, name)(**arguments)
            body = answer._response.json()
            return {"value": plain(answer.data), "complaints": complaints(answer.data, body)}
        return {"value": plain(getattr(part, name)(**arguments)), "complaints": []}

    def start(self, session, agent_id, audio=False, config=None, on_prem_url=None, **options):
        """Opens a session; its callbacks are told as events."""
        def event(name, *fields):
            return lambda *values: tell({"event": name, "session": session, **dict(zip(fields, map(plain_part, values)))})

        talk = sdk.Conversation(
            self.client,
            agent_id,
            audio_interface=Silence(session) if audio or NEEDS_AUDIO else None,
            config=sdk.ConversationInitiationData(**(config or {})),
            **({} if on_prem_url is None else {"on_prem_config": sdk.OnPremInitiationData(on_prem_url)}),
            **callbacks(sdk.Conversation, event),
            **{"requires_auth": False, **options},
        )
        self.sessions[session] = talk
        talk.start_session()
        return conversation_id(talk)

    def say(self, session, text):
        self.sessions[session].send_user_message(text)

    def context(self, session, text):
        self.sessions[session].send_contextual_update(text)

    def activity(self, session):
        self.sessions[session].register_user_activity()

    def end(self, session):
        """Leaves, and answers the id that the SDK tells then."""
        talk = self.sessions[session]
        talk.end_session()
        return talk.wait_for_session_end()

    def talk_async(self, agent_id, text, answers, **options):
        """The asynchronous session from start to end: says `text`, waits for so many lines of the agent, and leaves."""
        return asyncio.run(self._talk_async(agent_id, text, answers, options))

    async def _talk_async(self, agent_id, text, answers, options):
        said, left, enough = [], [], asyncio.Event()

        async def hear(line):
            said.append(line)
            if len(said) == answers:
                enough.set()

        async def leave(details):
            left.append(vars(details))

        talk = sdk.AsyncConversation(
            self.client,
            agent_id,
            callback_agent_response=hear,
            callback_disconnect=leave,
            **{"requires_auth": False, **options},
        )
        await talk.start_session()
        while talk._conversation_id is None:
            await asyncio.sleep(0.005)
        await talk.send_user_message(text)
        await asyncio.wait_for(enough.wait(), 10)
        await talk.end_session()
        return {"id": await talk.wait_for_session_end(), "said": said, "left": left}


def plain_part(value):
    """An argument of a callback as JSON."""
    if hasattr(value, "__dataclass_fields__"):
        return vars(value)
    return getattr(value, "value", value)


def callbacks(session_class, event):
    """Every callback that this version of the SDK has."""
    wanted = {
        "callback_agent_response": event("agent_response", "text"),
        "callback_agent_response_correction": event("correction", "original", "corrected"),
        "callback_agent_chat_response_part": event("part", "text", "kind"),
        "callback_user_transcript": event("user_transcript", "text"),
        "callback_latency_measurement": event("latency", "ms"),
        "callback_disconnect": event("disconnected", "details"),
    }
    known = session_class.__init__.__code__.co_varnames
    if "callback_disconnect" not in known:
        wanted["callback_end_session"] = event("disconnected")
    return {name: callback for name, callback in wanted.items() if name in known}


def conversation_id(talk):
    """The SDK has no public way to the id before the end. None: it was refused."""
    for _ in range(4000):
        if talk._conversation_id is not None:
            return talk._conversation_id
        if talk._should_stop.is_set():
            talk.wait_for_session_end()  # and with it its callbacks
            return None
        time.sleep(0.0025)
    raise TimeoutError("no conversation id within ten seconds")


def failure(problem):
    """The SDK's errors with what they carry; anything else by its class and text."""
    return {
        "class": type(problem).__name__,
        "status": getattr(problem, "status_code", None),
        "body": plain(getattr(problem, "body", None)),
        "text": str(problem),
    }


def main(url, key):
    driver = Driver(url, key)
    tell({"event": "ready", "version": version("elevenlabs"), "python": sys.version.split()[0]})
    for line in sys.stdin:
        command = json.loads(line)
        try:
            done = getattr(driver, command["do"])(**command.get("with", {}))
            tell({"id": command["id"], "ok": done})
        except Exception as problem:
            tell({"id": command["id"], "error": failure(problem)})
    for talk in driver.sessions.values():
        talk.end_session()


main(*sys.argv[1:])
