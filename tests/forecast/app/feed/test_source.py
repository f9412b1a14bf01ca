from __future__ import annotations

import datetime as dt
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runoff.app.feed.counts import Counts, kept_counts
from runoff.app.feed.source import Count, FileSource, PlayedSource, UrlSource, address
from runoff.errors import OutputError, UsageError
from tests.forecast.app.feed.test_follow import START, night

UTC = dt.UTC


class Server:
    """Answers with what a test puts in; keeps the headers that it was asked with."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, b"1", dict[str, str]()
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # http.server's own
                outer.asked.append({name.lower(): value for name, value in self.headers.items()})
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in outer.headers:
                    self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/counts.csv"


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of this test."""
    found = Server()
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_an_address_is_asked_with_what_it_said_last(server: Server) -> None:
    """ETag and Last-Modified go back; 304 is nothing new; the time is the server's, else that of arrival."""
    server.headers = {"ETag": '"a"', "Last-Modified": "Wed, 21 Jun 2017 00:55:00 GMT"}
    source = UrlSource(server.url, now=lambda: dt.datetime(2020, 1, 1, tzinfo=UTC))
    count = source.look()
    assert count == Count(b"1", dt.datetime(2017, 6, 21, 0, 55, tzinfo=UTC), "Last-Modified", ".csv")
    server.status, server.body = 304, b""
    assert source.look() is None
    assert server.asked[1]["if-none-match"] == '"a"'
    assert server.asked[1]["if-modified-since"] == "Wed, 21 Jun 2017 00:55:00 GMT"
    server.status, server.body, server.headers = 200, b"2", {}
    count = source.look()
    assert count is not None
    assert (count.content, count.time.year, count.by) == (b"2", 2020, "its arrival")


def test_an_address_that_does_not_answer_well_is_told(server: Server) -> None:
    """A status, nobody there, an answer that is cut, a redirection to a place that nothing is fetched from."""
    source = UrlSource(server.url)
    server.status = 503
    with pytest.raises(OutputError, match="503"):
        source.look()
    server.status, server.headers = 200, {"Content-Length": "100"}
    with pytest.raises(OutputError, match=r"cut|no answer"):
        source.look()
    server.status, server.headers = 302, {"Location": "http://example.org/x.csv"}
    with pytest.raises(UsageError, match="fetched by https"):
        source.look()
    server.server.shutdown()
    server.server.server_close()
    with pytest.raises(OutputError, match="no answer"):
        UrlSource(server.url).look()


@pytest.mark.parametrize("text", ["http://example.org/a.csv", "file:///etc/passwd", "ftp://x/y", "https:///a", "x://"])
def test_counts_are_fetched_by_https_alone(text: str) -> None:
    """Any other address is refused with a way out; this machine's own server may speak http."""
    with pytest.raises(UsageError, match="fetched by https"):
        address(text)
    assert address("https://example.org/a.csv") == "https://example.org/a.csv"
    assert address("http://localhost:8000/a.csv") == "http://localhost:8000/a.csv"


def test_a_file_is_read_when_it_stands_still(tmp_path: Path) -> None:
    """At once at first, then when it changed and stood still for a look; one that goes away is waited for."""
    path = tmp_path / "votes.csv"
    path.write_text("1")
    os.utime(path, (1e9, 1e9))
    source = FileSource(path)
    count = source.look()
    assert count is not None
    assert (count.content, count.time) == (b"1", dt.datetime.fromtimestamp(1e9, UTC))
    assert source.look() is None
    path.write_text("22")
    assert source.look() is None  # may still grow
    path.write_text("333")
    assert source.look() is None
    found = source.look()
    assert found is not None
    assert found.content == b"333"
    path.unlink()
    assert [source.look() for _ in range(3)] == [None] * 3
    path.write_text("4444")
    assert source.look() is None
    found = source.look()
    assert found is not None
    assert found.content == b"4444"


def test_counts_are_played_at_their_time(tmp_path: Path) -> None:
    """The first at once; at 100 times the speed an hour takes 36 seconds; then nothing can come."""
    start = dt.datetime(2017, 6, 21, tzinfo=UTC)
    counts = [Count(bytes([n]), start + dt.timedelta(hours=n), "") for n in range(3)]
    now = [50.0]
    source = PlayedSource(counts, 100.0, lambda: now[0])
    assert source.look() == counts[0]
    now[0] += 35.9
    assert source.look() is None
    now[0] += 0.2
    assert source.look() == counts[1]
    assert source.look() is None
    now[0] += 100.0
    assert source.look() == counts[2]
    assert source.over
    assert source.look() is None


def _table(minute: int, votes: int) -> str:
    time = START + dt.timedelta(minutes=minute)
    return f"unit,candidate,votes,counted_at\nn1,Ada,{votes},{time.isoformat()}\n"


def _came(path: Path, text: str, minute: int) -> Count:
    """A file that was written so many minutes after the start, as its source has it."""
    path.write_text(text, "utf-8")
    when = (START + dt.timedelta(minutes=minute)).timestamp()
    os.utime(path, (when, when))
    found = FileSource(path).look()
    assert found is not None
    return found


def test_a_tables_own_time_goes_before_its_files(tmp_path: Path) -> None:
    """Three counts that come late and in another order: the older one that comes last is kept and not used."""
    came = [_came(tmp_path / "now.csv", _table(of, 10 * of), at) for of, at in ((1, 100), (3, 101), (2, 102))]
    curve, said = night(tmp_path / "counts", [*came])
    assert curve == [_table(1, 10), _table(3, 30)]
    assert len(said) == 1
    assert "00:02:00 UTC by its column counted_at, earlier than the count in use (2017-06-21 00:03:00 UTC)" in said[0]
    kept = sorted((tmp_path / "counts").iterdir())
    assert [path.name[:16] for path in kept] == [f"20170621T000{n}00Z" for n in (1, 2, 3)]


def test_a_count_that_is_played_again_has_the_time_in_its_name(tmp_path: Path) -> None:
    """A folder of counts that is played stays as it is, whatever its tables state."""
    late = Counts(tmp_path).admit(Count(_table(1, 10).encode(), START + dt.timedelta(minutes=30), "its time")).path
    (played,) = kept_counts(tmp_path)
    assert played.time == START + dt.timedelta(minutes=30)
    curve, said = night(tmp_path, [played])
    assert (curve, said) == ([_table(1, 10)], [])
    assert list(tmp_path.iterdir()) == [late]


def test_what_states_no_time_has_its_files(tmp_path: Path) -> None:
    """No such column, half a table, a time without a zone, a word: told when they are forecast."""
    for text in ("unit,candidate,votes\nn1,Ada,1\n", "counted_at", 'unit,counted_at\n"n', _table(1, 1)[:-7] + "\n"):
        one = _came(tmp_path / "now.csv", text, 5)
        assert (one.time, one.by) == (START + dt.timedelta(minutes=5), "the file's time")
