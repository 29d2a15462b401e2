"""Files in messages, uploads from whatever Python has, and downloads."""

from __future__ import annotations

import asyncio
import gc
import io
import pickle
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wacloud import ApiError, Media, Message, UploadProgress, ValidationError
from wacloud.errors import NotSentError
from wacloud.testing import Sandbox

TO = "+15550001234"
PDF = b"%PDF-1.7\nan invoice\n"


def uploads(sandbox: Sandbox) -> int:
    return sum(request["path"].endswith("/media") for request in sandbox.requests())


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(PDF)
    return path


def test_a_file_is_uploaded_once_however_it_is_given(sandbox: Sandbox, invoice: Path) -> None:
    wa = sandbox.client()
    for document in (
        Media.file(invoice),
        Media.file(str(invoice), filename="invoice.pdf"),
        Media.bytes(PDF, filename="invoice.pdf"),
        invoice,
    ):
        wa.send_document(TO, document)
    assert uploads(sandbox) == 1
    sent = [message["payload"]["document"] for message in sandbox.messages()]
    assert all(one == sent[0] for one in sent)
    assert sent[0]["filename"] == "invoice.pdf"


def test_a_bulk_of_files(sandbox: Sandbox, invoice: Path) -> None:
    wa = sandbox.client()
    # Nothing here keeps the media that the messages are made of.
    messages = (
        Message.document(f"+1555{n:07}", Media.bytes(PDF + str(n % 3).encode())) for n in range(300)
    )
    assert {result.outcome for result in wa.send_bulk(messages)} == {"accepted"}
    assert uploads(sandbox) == 3
    invoice.write_bytes(PDF + b"of a bulk")
    with_paths = (Message.document(TO, invoice) for _ in range(100))
    assert {result.outcome for result in wa.send_bulk(with_paths)} == {"accepted"}
    assert uploads(sandbox) == 4


@pytest.mark.parametrize("media", [Media.file, Path], ids=["Media.file", "Path"])
def test_letters_that_are_written_to_one_path_reach_nobody_else(
    sandbox: Sandbox, tmp_path: Path, media: Callable[[Path], Media | Path]
) -> None:
    wa = sandbox.client(pair_rate=0)
    path = tmp_path / "letter.txt"

    def letter(n: int) -> str:
        return f"Dear customer {n:04}, this is your letter ({tmp_path.name}).\n"

    def messages() -> Iterator[Message]:
        for n in range(100):
            path.write_text(letter(n))
            yield Message.document(f"+1555{n:07}", media(path))

    results = list(wa.send_bulk(messages()))
    for result in results:
        if result.error is not None:
            assert isinstance(result.error, ValidationError)
    assert any(result.error is None for result in results)
    for message in sandbox.messages():
        content = wa.media.download(message["payload"]["document"]["id"]).data
        assert content == letter(int(message["to"][-4:])).encode()


def test_text_never_reads_a_file(sandbox: Sandbox, invoice: Path) -> None:
    wa = sandbox.client()
    for wrong in (
        str(invoice),
        {"file": str(invoice)},
        {"path": str(invoice)},
        {"upload": "0" * 32},
    ):
        with pytest.raises(ValidationError):
            wa.send_document(TO, wrong)  # type: ignore[arg-type]
    shown = Message.document(TO, Media.file(invoice)).payload()
    assert shown["document"] == {"file": str(invoice)}
    with pytest.raises(ValidationError):
        Message.from_payload(shown).payload()
    assert sandbox.requests() == []


def test_what_is_wrong_with_a_file_is_told_before_anything_leaves(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    wa = sandbox.client()
    with pytest.raises(ValidationError) as raised:
        wa.send_image(TO, Media.file(tmp_path / "photo.png"))
    assert [(v.path, v.rule) for v in raised.value.violations] == [("image", "required")]
    assert "there is no file" in str(raised.value)
    with pytest.raises(ValidationError, match="directory"):
        wa.send_image(TO, tmp_path)
    with pytest.raises(ValidationError, match="cannot be sent as image"):
        wa.send_image(TO, Media.bytes(PDF))
    assert sandbox.requests() == []


def test_what_is_no_media_is_told_with_what_to_write(sandbox: Sandbox, invoice: Path) -> None:
    wa = sandbox.client()
    wrongs: list[tuple[Any, str]] = [
        (PDF, r"got bytes: write Media\.bytes\(data\)"),
        (memoryview(PDF), r"got memoryview: write Media\.bytes\(data\)"),
        (io.BytesIO(PDF), r"got BytesIO: write Media\.bytes\(file\.read\(\)\)"),
        (invoice.open("rb"), r"got BufferedReader: write Media\.file\(path\)"),
        ("invoice.pdf", r"write Media\.file\(path\)"),
        (Media.file(None), r"Media\.file needs the path of a file, got nothing"),  # type: ignore[arg-type]
        (Media.file(""), r"must not be empty: the path of a file"),
        (Media.bytes("text"), r"Media\.bytes needs bytes, got str"),  # type: ignore[arg-type]
        (Media.id(None), r"id must be the id of an upload as text, got nothing"),  # type: ignore[arg-type]
        (Media.link(5), r"link must be a link .* as text, got the number 5"),  # type: ignore[arg-type]
    ]
    for wrong, told in wrongs:
        with pytest.raises(ValidationError, match=told):
            wa.send_document(TO, wrong)
    with pytest.raises(ValidationError, match=r"got bytes: write Media\.bytes\(data\)"):
        wa.send_template(TO, "promo", "en_US", header=PDF)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="progress: must be a function, got the number 5"):
        wa.media.upload(invoice, progress=5)  # type: ignore[arg-type]
    assert sandbox.requests() == []


def test_an_upload_stands_for_its_id(sandbox: Sandbox, invoice: Path) -> None:
    wa = sandbox.client()
    uploaded = wa.media.upload(invoice)
    wa.send_document(TO, uploaded)
    wa.send_document(TO, Media.id(uploaded))  # type: ignore[arg-type]
    sent = [message["payload"]["document"]["id"] for message in sandbox.messages()]
    assert sent == [uploaded.id] * 2
    target = invoice.with_name("copy.pdf")
    assert wa.media.download(uploaded.id, path=target).path == str(target)
    assert target.read_bytes() == PDF
    with pytest.raises(ValidationError, match="path: must be the path of a file, got the number 5"):
        wa.media.download(uploaded.id, path=5)  # type: ignore[arg-type]
    wa.media.delete(uploaded.id)
    with pytest.raises(ApiError, match="There is no such file, or no longer"):
        wa.media.get(uploaded.id)


def pieces() -> Iterator[bytes]:
    yield PDF[:5]
    yield PDF[5:]


async def async_pieces() -> AsyncIterator[bytes]:
    for piece in pieces():
        await asyncio.sleep(0)
        yield piece


def test_uploads_from_everything_that_has_bytes(
    sandbox: Sandbox, invoice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wa = sandbox.client()
    # A place of its own: in the machine's, other programs come and go.
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    with invoice.open("rb") as file:
        for source in (str(invoice), invoice, PDF, bytearray(PDF), memoryview(PDF), file, pieces()):
            assert wa.media.upload(source).id
    assert wa.media.upload(io.BytesIO(PDF), filename="a.pdf", mime_type="application/pdf").id
    told = [request["body"]["file"] for request in sandbox.requests()]
    assert {one["bytes"] for one in told} == {len(PDF)}
    names = [one["filename"] for one in told]
    assert names == [*["invoice.pdf"] * 2, *["file"] * 3, "invoice.pdf", "file", "a.pdf"]
    wrongs: list[Any] = [io.StringIO("text"), 5, None, {}, [PDF]]
    for wrong in wrongs:
        with pytest.raises(ValidationError) as raised:
            wa.media.upload(wrong)
        assert [v.path for v in raised.value.violations] == ["file"]
    assert list(place.iterdir()) == [], "nothing is left"


def test_handles_for_everything_that_has_bytes(sandbox: Sandbox, invoice: Path) -> None:
    wa = sandbox.client()
    told: list[UploadProgress] = []
    with invoice.open("rb") as file:
        for source in (invoice, PDF, file, pieces()):
            uploaded = wa.media.upload_handle(source, progress=told.append)
            assert uploaded.handle.startswith("4:")
    assert told[-1].sent_bytes == told[-1].total_bytes == len(PDF)
    sent = [request["body"] for request in sandbox.requests() if "/upload:" in request["path"]]
    assert [one["bytes"] for one in sent] == [len(PDF)] * 4


async def test_handles_by_awaiting(sandbox: Sandbox) -> None:
    uploaded = await sandbox.async_client().media.upload_handle(async_pieces(), filename="a.pdf")
    assert uploaded.handle.startswith("4:")


async def test_the_same_by_awaiting(sandbox: Sandbox, invoice: Path) -> None:
    wa = sandbox.async_client()
    told: list[UploadProgress] = []

    async def progress(now: UploadProgress) -> None:
        told.append(now)

    for source in (invoice, PDF, pieces(), async_pieces()):
        uploaded = await wa.media.upload(source, progress=progress)
        downloaded = await wa.media.download(uploaded.id)
        assert downloaded.data == PDF
    assert told[-1].sent_bytes == told[-1].total_bytes == len(PDF)


def test_progress_is_told_on_this_thread(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(PDF + b"x" * 3_000_000)
    told: list[UploadProgress] = []
    sandbox.client().media.upload(path, progress=told.append)
    sent = [now.sent_bytes for now in told]
    assert sent == sorted(sent)
    assert sent[-1] == path.stat().st_size

    class EnoughError(Exception):
        pass

    def stop(_: UploadProgress) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        sandbox.client().media.upload(path, progress=stop)


def test_what_was_uploaded_comes_back(sandbox: Sandbox, tmp_path: Path) -> None:
    wa = sandbox.client()
    uploaded = wa.media.upload(PDF)
    info = wa.media.get(uploaded.id)
    assert (info.mime_type, info.file_size) == ("application/pdf", len(PDF))
    assert info.extra == {"messaging_product": "whatsapp"}
    downloaded = wa.media.download(uploaded.id)
    assert (downloaded.data, downloaded.sha256) == (PDF, info.sha256)
    target = tmp_path / "copy.pdf"
    downloaded = wa.media.download(uploaded.id, path=str(target))
    assert (downloaded.data, target.read_bytes()) == (None, PDF)
    assert wa.media.delete(uploaded.id).success


def test_a_failed_upload_leaves_its_message_unsent(sandbox: Sandbox) -> None:
    wa = sandbox.client(max_retries=0)
    sandbox.fault("reset_after", path="/media")
    with pytest.raises(NotSentError, match="its file could not be uploaded"):
        wa.send_document(TO, Media.bytes(PDF + b"that nobody has sent"))
    assert sandbox.messages() == []


def test_media_are_values(invoice: Path) -> None:
    one, same = Media.file(invoice), Media.file(str(invoice))
    assert one == same != Media.file("other.pdf")
    assert len({one, same}) == 1
    assert repr(one) == f"<Media file {str(invoice)!r}>"
    assert pickle.loads(pickle.dumps(one)) == one
    bytes_ = Media.bytes(PDF)
    assert repr(bytes_) == f"<Media bytes ({len(PDF)})>"
    assert bytes_ != Media.bytes(PDF)
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(bytes_)


def test_bytes_go_with_their_media(sandbox: Sandbox) -> None:
    media = Media.bytes(PDF)
    message = Message.document(TO, media)
    del media
    gc.collect()
    assert sandbox.client().send(message).id
    core = message.params["document"].to_core()
    del message
    gc.collect()
    with pytest.raises(ValidationError, match="does not have"):
        sandbox.client().send_document(TO, core)


PROGRAM = """
import sys
from wacloud import WhatsAppClient, Media, Message
number, token, url, cache, path = sys.argv[1:]
wa = WhatsAppClient(number, token, base_url=url, rate=0, media_cache=cache)
sys.stdin.readline()
messages = (Message.document(f"+1555{n:07}", Media.file(path)) for n in range(250))
print(sum(result.outcome == "accepted" for result in wa.send_bulk(messages)))
"""


def test_four_processes_upload_a_file_once(sandbox: Sandbox, invoice: Path, tmp_path: Path) -> None:
    # So that they meet while it goes up.
    sandbox.fault("delay", delay_ms=500, path="/media", times=0)
    arguments = [sandbox.phone_number_id, sandbox.token, sandbox.url]
    command = [sys.executable, "-c", PROGRAM, *arguments, str(tmp_path / "cache.db"), str(invoice)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    sent = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert (sent, uploads(sandbox)) == ([250] * 4, 1)
